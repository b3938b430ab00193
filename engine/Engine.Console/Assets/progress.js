// Moves the bar of a running task and tells the time left; without this module, the button asks the server again.
const bar = document.getElementById("progress");
if (bar) {
  const left = document.getElementById("left");
  const events = new EventSource(bar.dataset.events);
  events.addEventListener("progress", (event) => {
    const [share, ...words] = event.data.split(" ");
    bar.value = Number(share);
    left.value = words.join(" ");
  });
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
}
