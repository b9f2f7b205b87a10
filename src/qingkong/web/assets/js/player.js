// Recordings cut in pieces: <video data-hls="address">. A browser that can play them by itself does.
import Hls from "hls.js/dist/hls.light.mjs";

for (const video of document.querySelectorAll("video[data-hls]")) {
  if (video.canPlayType("application/vnd.apple.mpegurl") || !Hls.isSupported()) {
    video.src = video.dataset.hls;
    continue;
  }
  const player = new Hls({ enableWorker: false, maxBufferLength: 20 });
  player.loadSource(video.dataset.hls);
  player.attachMedia(video);
}
