// Large files in pieces that survive a lost network: <form data-tus="address"> with a file input and a <progress>.
// Without this script, or where the address is missing, the form posts the file as usual.
import * as tus from "tus-js-client";

const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1] || "";

for (const form of document.querySelectorAll("form[data-tus]")) {
  form.addEventListener("submit", (event) => {
    const input = form.querySelector("input[type=file]");
    const file = input && input.files[0];
    if (!file || form.dataset.uploaded) return;
    event.preventDefault();
    const bar = form.querySelector("progress");
    const failed = form.querySelector("[data-failed]");
    if (bar) bar.hidden = false;
    const upload = new tus.Upload(file, {
      endpoint: form.dataset.tus,
      retryDelays: [0, 1000, 3000, 8000, 20000],
      headers: { "X-CSRFToken": cookie("(?:__Host-)?csrftoken") },
      metadata: { filename: file.name, filetype: file.type },
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => { if (bar) { bar.max = total; bar.value = sent; } },
      onError: () => { if (failed) failed.hidden = false; },
      onSuccess: () => {
        form.elements.upload.value = upload.url;
        form.dataset.uploaded = "yes";
        input.disabled = true;
        form.requestSubmit();
      },
    });
    upload.findPreviousUploads().then((before) => {
      if (before.length) upload.resumeFromPreviousUpload(before[0]);
      upload.start();
    });
  });
}
