// Passkeys: the page brings the server's options in data-options; the answer goes back in the form's hidden field.
// <form data-passkey="get|create" data-options="{…}"><input type="hidden" name="credential"><button type="button" hidden>

const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readOptions(options) {
  const key = structuredClone(options.publicKey || options);
  key.challenge = fromText(key.challenge);
  if (key.user) key.user.id = fromText(key.user.id);
  for (const list of ["allowCredentials", "excludeCredentials"]) for (const one of key[list] || []) one.id = fromText(one.id);
  return key;
}

function writeAnswer(answer) {
  if (answer.toJSON) return answer.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (answer.response[name]) response[name] = toText(answer.response[name]);
  }
  return { id: answer.id, rawId: toText(answer.rawId), type: answer.type, response, clientExtensionResults: answer.getClientExtensionResults(), authenticatorAttachment: answer.authenticatorAttachment };
}

export function passkeys() {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const button = form.querySelector("button");
  const failed = form.querySelector("[data-failed]");
  form.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const publicKey = readOptions(JSON.parse(form.dataset.options));
      const answer = await (form.dataset.passkey === "create" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      form.elements.credential.value = JSON.stringify(writeAnswer(answer));
      form.submit();
    } catch (error) {
      if (failed) failed.hidden = false;
    }
  });
}
