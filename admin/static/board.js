// The live board: lines as the server makes them, taken in as they change; the clocks run here.
const table = document.querySelector("[data-board]");
const body = table.tBodies[0];
const rows = new Map(Array.from(body.rows, (row) => [row.dataset.call, row]));
const away = document.getElementById("away"), count = document.getElementById("count");
let ahead = Date.now() / 1000 - Number(table.dataset.now), pause = 500;

function parsed(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content.querySelector("tr");
}

function put(call, html) {
  const row = parsed(html), before = rows.get(call);
  const focused = before && before.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  if (before) before.replaceWith(row);
  else body.prepend(row);
  rows.set(call, row);
  if (focused) for (const link of row.querySelectorAll("a")) if (link.getAttribute("href") === focused) link.focus();
  tick(row);
}

function take(said) {
  ahead = Date.now() / 1000 - said.now;
  for (const call of said.drop) {
    rows.get(call)?.remove();
    rows.delete(call);
  }
  for (const [call, html] of said.put) put(call, html);
  away.hidden = said.there;
  count.textContent = said.count;
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function write(cell, text) {
  if (cell.textContent !== text) cell.textContent = text;
}

function tick(row) {
  const talk = row.querySelector("[data-talking]");
  if (!talk) return;
  const talked = Math.max(0, Date.now() / 1000 - ahead - Number(talk.dataset.talking));
  write(talk, clock(talked));
  const left = row.querySelector("[data-limit]"), cost = row.querySelector("[data-rate]");
  if (left) write(left, clock(Math.max(0, Number(left.dataset.limit) - talked)));
  if (cost) {
    const pence = Math.round((Math.max(0, talked - Number(cost.dataset.free)) * Number(cost.dataset.rate)) / 60000);
    write(cost, `£${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, "0")}`);
  }
}

function open() {
  const address = new URL(table.dataset.board + location.search, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onopen = () => {
    pause = 500;
    socket.send(JSON.stringify(Object.fromEntries(Array.from(rows, ([call, row]) => [call, row.dataset.mark]))));
  };
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === 4401) location.reload();
    away.hidden = false;
    setTimeout(open, pause);
    pause = Math.min(pause * 2, 8000);
  };
}

setInterval(() => rows.forEach(tick), 1000);
open();
