/* A signature drawn by finger, pen or mouse (components/_signature.html). Without this script the field
   stays away: a mandate is then signed on paper or confirmed in words. */
(function () {
  "use strict";

  function start(place) {
    const canvas = place.querySelector("canvas"), field = place.querySelector("input");
    const clear = place.querySelector("[data-signature-clear]"), pen = canvas.getContext("2d");
    if (!pen) return;
    canvas.hidden = clear.hidden = false;
    place.querySelector("[data-signature-without]").hidden = true;
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    if (field.value) {
      const before = new Image();
      before.addEventListener("load", () => pen.drawImage(before, 0, 0));
      before.src = field.value;
    }
    let drawing = false;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => {
      if (!drawing) return;
      drawing = false;
      field.value = canvas.toDataURL("image/png");
    }));
    clear.addEventListener("click", () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = "";
    });
  }

  function startAll() { document.querySelectorAll("[data-signature]").forEach(start); }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startAll);
  else startAll();
})();
