// A map on a page: <div data-map data-points="[…]" data-outline="address">. Points: {at: [lat, lng], label, url}.
import L from "leaflet";
import "leaflet/dist/leaflet.css";

for (const box of document.querySelectorAll("[data-map]")) {
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.25 });
  const points = JSON.parse(box.dataset.points || "[]");
  const group = L.featureGroup(points.map((point) => {
    const marker = L.circleMarker(point.at, { radius: 7, color: "#fff", weight: 2, fillColor: "#0b5cab", fillOpacity: 1 });
    const label = document.createElement(point.url ? "a" : "span");
    label.textContent = point.label;
    if (point.url) label.href = point.url;
    return marker.bindPopup(label);
  })).addTo(map);
  const fit = (layer) => layer.getBounds().isValid() && map.fitBounds(layer.getBounds().pad(0.08));
  map.setView([35.93, 116.47], 9);
  fit(group);
  if (box.dataset.outline) {
    fetch(box.dataset.outline).then((answer) => answer.json()).then((shape) => {
      const outline = L.geoJSON(shape, { style: { color: "#0a2a4a", weight: 1.5, fillColor: "#e8f1fb", fillOpacity: 0.6 }, interactive: false }).addTo(map).bringToBack();
      if (!points.length) fit(outline);
    });
  }
}
