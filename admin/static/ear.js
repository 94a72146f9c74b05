// In the audio thread: A-law of 8 kHz in two channels, kept for a moment against jitter, and played at the rate of the machine.
const RATE = 8000, TARGET = 480, MOST = TARGET + 960; // samples: 60 ms are gathered before a sound, more than 180 ms are too late
const HEADER = 16, ROOM = 16000;

const DECODED = Float32Array.from({ length: 256 }, (_, code) => {
  const octet = code ^ 0x55, segment = (octet >> 4) & 7, low = ((octet & 15) << 4) + 8;
  const size = segment ? (low + 0x100) << (segment - 1) : low;
  return (octet & 0x80 ? size : -size) / 32768;
});

class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.sides = [new Float32Array(ROOM), new Float32Array(ROOM)];
    this.from = 0; // where is played, in samples and parts of one
    this.to = 0; // where is written
    this.primed = false;
    this.next = -1;
    this.lost = 0;
    this.level = [0, 0];
    this.blocks = 0;
    this.port.onmessage = (event) => this.take(event.data);
  }

  take(frame) {
    const number = new DataView(frame).getUint32(0, true), sound = new Uint8Array(frame, HEADER);
    if (this.next >= 0 && number > this.next) this.lost += number - this.next;
    this.next = number + 1;
    for (let at = 0; at < sound.length / 2; at += 1, this.to += 1)
      for (const side of [0, 1]) {
        const value = DECODED[sound[2 * at + side]];
        this.sides[side][this.to % ROOM] = value;
        this.level[side] = Math.max(this.level[side], Math.abs(value));
      }
    if (this.to - this.from > MOST) this.from = this.to - TARGET;
    if (!this.primed && this.to - this.from >= TARGET) this.primed = true;
  }

  process(_inputs, [output]) {
    const step = RATE / sampleRate;
    for (let at = 0; at < output[0].length; at += 1) {
      if (this.primed && this.to - this.from < 2) this.primed = false;
      const whole = Math.floor(this.from), part = this.from - whole;
      for (const side of [0, 1]) {
        const kept = this.sides[side];
        output[side][at] = this.primed ? kept[whole % ROOM] * (1 - part) + kept[(whole + 1) % ROOM] * part : 0;
      }
      if (this.primed) this.from += step;
    }
    this.blocks += 1;
    if (this.blocks % Math.ceil(sampleRate / 1280) === 0) {
      this.port.postMessage({ level: this.level, held: ((this.to - this.from) / RATE) * 1000, lost: this.lost });
      this.level = [0, 0];
    }
    return true;
  }
}

registerProcessor("ear", Ear);
