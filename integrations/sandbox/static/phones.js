// A citizen's phone on a channel's stand-in: shows its screen, sends what is typed, pressed or chosen.

const EVERY_MS = 1000;

// "*penting*" is bold, as WhatsApp shows it.
function bold(text) {
  return text.split(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/).map((part, at) => {
    if (at % 2 === 0) return part;
    const strong = document.createElement("strong");
    strong.textContent = part;
    return strong;
  });
}

class Phone {
  constructor(section) {
    this.channel = section.dataset.channel;
    this.screen = section.querySelector(".screen");
    this.status = section.querySelector(".status");
    this.who = section.querySelector(".who");
    this.shown = "";
    this.chat = localStorage.getItem(`ponsel-${this.channel}`) || this.renew();
    const form = section.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.text.value.trim();
      if (text) this.send({ text }).then((sent) => sent && form.elements.text.value === text && form.reset());
    });
    form.elements.file.addEventListener("change", () => this.sendFile(form.elements.file));
    section.querySelector(".new").addEventListener("click", () => this.renew());
    this.tell();
    this.look();
    setInterval(() => this.look(), EVERY_MS);
  }

  renew() {
    const digits = String(crypto.getRandomValues(new Uint32Array(1))[0] % 1e8).padStart(8, "0");
    this.chat = this.channel === "whatsapp" ? `+62800${digits}` : String(9e8 + Number(digits));
    localStorage.setItem(`ponsel-${this.channel}`, this.chat);
    this.tell();
    return this.chat;
  }

  tell() {
    this.who.textContent = `Nomor karangan: ${this.chat}`;
  }

  async send(what) {
    try {
      const answer = await fetch(`/${this.channel}/phone/send`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ chat: this.number(), name: "Warga", ...what }),
      });
      this.status.textContent = answer.ok ? "" : `Tidak terkirim (${answer.status}).`;
      this.look();
      return answer.ok;
    } catch {
      this.status.textContent = "Tidak terkirim: Loket tidak bisa dihubungi.";
      return false;
    }
  }

  number() {
    return this.channel === "telegram" ? Number(this.chat) : this.chat;
  }

  async sendFile(input) {
    const [file] = input.files;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    const kind = file.type.startsWith("image/") ? "photo" : "document";
    await this.send({ [kind]: { data: btoa(text), name: file.name, type: file.type } });
    input.value = "";
  }

  async look() {
    try {
      const answer = await fetch(`/${this.channel}/phone/messages?chat=${encodeURIComponent(this.chat)}`);
      const { messages } = await answer.json();
      const now = JSON.stringify(messages);
      if (now !== this.shown) {
        this.shown = now;
        this.draw(messages);
      }
    } catch {
      this.status.textContent = "Menunggu Loket …";
    }
  }

  draw(messages) {
    const last = messages.map((message) => message.buttons.length > 0).lastIndexOf(true);
    this.screen.replaceChildren(...messages.map((message, at) => this.bubble(message, at === last)));
    this.screen.scrollTop = this.screen.scrollHeight;
  }

  bubble(message, live) {
    const item = document.createElement("li");
    const mine = message.from === "citizen";
    item.classList.toggle("mine", mine);
    const files = message.media || (message.file ? [message.file] : []);
    const note = files.map((file) => `📎 ${file.name || file.type || "berkas"}`).join("\n");
    item.append(...bold([note, message.text].filter(Boolean).join("\n")));
    if (message.buttons.length) {
      const choices = document.createElement("div");
      choices.className = "choices";
      for (const button of message.buttons) {
        const press = document.createElement("button");
        press.type = "button";
        press.className = "plain";
        press.textContent = button.title;
        press.disabled = !live;
        press.addEventListener("click", () => this.send({ button: button.title }));
        choices.append(press);
      }
      item.append(choices);
    }
    return item;
  }
}

document.querySelectorAll("section.phone").forEach((section) => new Phone(section));
