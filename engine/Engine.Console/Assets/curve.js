// The audience curve answers while the slider moves; without this module, the form asks the server.
const form = document.getElementById("curve");
if (form) {
  const points = JSON.parse(form.dataset.points);
  const users = Math.max(1, Number(form.dataset.users));
  const cut = form.querySelector("#cut");
  const line = form.querySelector("#cut-line");
  const svg = line.ownerSVGElement;
  const show = (id, value, decimals) => {
    const output = form.querySelector("#" + id);
    if (output) {
      output.value = value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    }
  };
  const move = () => {
    const [threshold, count, buyers] = points[cut.value];
    show("size", count, 0);
    show("share", (100 * count) / users, 1);
    form.querySelector("#share").value += "%";
    show("buyers", buyers, 1);
    show("threshold", threshold, 3);
    cut.setAttribute("aria-valuetext", cut.dataset.text.replace("{0}", count.toLocaleString("en")));
    const x = Number(svg.dataset.left) + (Number(svg.dataset.width) * Number(cut.value)) / Math.max(1, points.length - 1);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    for (const other of document.querySelectorAll("form[data-follows=cut] input[name=cut]")) {
      other.value = cut.value;
    }
  };
  cut.addEventListener("input", move);
  for (const select of form.querySelectorAll("select")) {
    select.addEventListener("change", () => form.requestSubmit());
  }
  // The browser may have kept the slider of an earlier visit.
  move();
}
