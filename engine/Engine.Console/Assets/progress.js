// Moves the bar of a running task; without this module, the button asks the server again.
const bar = document.getElementById("progress");
if (bar) {
  const events = new EventSource(bar.dataset.events);
  events.addEventListener("progress", (event) => {
    bar.value = Number(event.data.split(" ")[0]);
  });
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
}
