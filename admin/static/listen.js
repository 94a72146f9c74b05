// Live listening: sound from the socket to the ear (ear.js), levels, delay, and words where a machine understands any.
const form = document.querySelector("[data-ear]"), say = form.dataset;
const at = (id) => document.getElementById(id);
let socket, context, node, offset = 0, trip = Infinity, wire = 0, pinging;

function stateOf(text) {
  at("state").textContent = text;
}

async function begin(event) {
  event.preventDefault();
  stateOf(say.sayingOpening);
  at("begin").disabled = true;
  // At the rate of the sound itself a browser holds some 50 ms less of it.
  context = new AudioContext({ latencyHint: "interactive", sampleRate: 8000 });
  await context.audioWorklet.addModule(say.worklet);
  node = new AudioWorkletNode(context, "ear", { numberOfInputs: 0, outputChannelCount: [2] });
  node.connect(context.destination);
  node.port.onmessage = (told) => meters(told.data);
  await context.resume();
  const address = new URL(say.ear, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    socket.send(JSON.stringify({ why: at("why").value }));
    ping();
    pinging = setInterval(ping, 2000);
  };
  socket.onmessage = (told) => (typeof told.data === "string" ? hear(JSON.parse(told.data)) : sound(told.data));
  socket.onclose = (closed) => end(closed.code === 4401 ? say.sayingNoMore : "");
  at("stop").hidden = false;
}

function ping() {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ping: performance.now() }));
}

function sound(frame) {
  const sent = new DataView(frame).getFloat64(8, true);
  wire = Math.max(0, performance.now() + offset - sent);
  if (at("meters").hidden) {
    at("meters").hidden = false;
    stateOf(say.sayingLive);
    form.dataset.heard = "yes";
  }
  node.port.postMessage(frame, [frame]);
}

function meters({ level, held, lost }) {
  at("left").value = level[0];
  at("right").value = level[1];
  at("delay").textContent = Math.round(wire + held + 1000 * (context.outputLatency || context.baseLatency || 0));
  at("lost").textContent = lost;
}

function hear(told) {
  if ("pong" in told) {
    const took = performance.now() - told.pong;
    if (took < trip) {
      trip = took;
      offset = told.at - (told.pong + took / 2);
    }
  } else if ("said" in told) words(told.said);
  else if ("ended" in told) end(told.text);
}

const open = { left: null, right: null };

function words({ final, words: said, hits }) {
  at("words").hidden = false;
  marks.push(...hits);
  for (const side of ["left", "right"]) {
    const mine = said.filter((word) => word.side === side);
    if (mine.length) {
      const line = open[side] ?? document.createElement("li");
      const who = document.createElement("strong");
      who.textContent = `${side === "left" ? say.sayingPerson : say.sayingContact}: `;
      line.replaceChildren(who, ...mine.flatMap((word) => [spoken(word), " "]));
      line.classList.toggle("wl-said__open", !final);
      if (!open[side]) at("said").append(line);
      open[side] = final ? null : line;
    }
  }
  if (!hits.length) return;
  for (const word of at("said").querySelectorAll("span[data-start]"))
    if (watched(word.dataset.side, Number(word.dataset.start)))
      word.replaceWith(spoken({ side: word.dataset.side, start: word.dataset.start, text: word.textContent }));
}

const marks = []; // of watch words, by side and seconds; some are of words that were shown before

function watched(side, start) {
  return marks.some((hit) => hit.side === side && start >= hit.start - 0.05 && start < hit.end);
}

function spoken(word) {
  const made = document.createElement(watched(word.side, Number(word.start)) ? "mark" : "span");
  made.dataset.side = word.side;
  made.dataset.start = word.start;
  made.textContent = word.text;
  return made;
}

function end(text) {
  if (!socket) return;
  const was = socket;
  socket = null;
  clearInterval(pinging);
  was.close();
  context.close();
  stateOf(text || say.sayingLost);
  form.dataset.ended = "yes";
  at("stop").hidden = true;
  at("begin").disabled = false;
  at("meters").hidden = true;
}

form.addEventListener("submit", begin);
at("stop").addEventListener("click", () => end(say.sayingStopped));
