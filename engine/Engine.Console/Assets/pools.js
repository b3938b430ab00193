// Counts the pool while its clauses change, and adds a row at once; without this module, the buttons ask the server.
const form = document.getElementById("pool");
if (form) {
  const preview = document.getElementById("preview");
  let waiting;
  let asked = 0;
  const count = async () => {
    const turn = ++asked;
    const body = new URLSearchParams(new FormData(form));
    body.set("step", "count");
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // A later change has asked again.
    if (turn === asked) {
      const counted = page.querySelector("#preview > *") ?? page.querySelector(".problem");
      preview.replaceChildren(...(counted ? [counted] : []));
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target.name !== "name") {
      clearTimeout(waiting);
      waiting = setTimeout(count, 300);
    }
  });
  form.querySelector("button[value=more]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const rows = form.querySelectorAll(".clause");
    const last = rows[rows.length - 1];
    const row = last.cloneNode(true);
    for (const field of row.querySelectorAll("[aria-label]")) {
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(rows.length, rows.length + 1));
      if (field.matches("input")) {
        field.value = "";
      }
    }
    last.after(row);
    row.querySelector("input").focus();
  });
}
