// The overlay of ?companion-debug, for theme developers: what was told, held or refused, and why. It shows what the page
// already knows, changes nothing, and is loaded only where the address asks for it.
(() => {
  const companion = window.companion;
  const box = document.createElement("section");
  const list = document.createElement("ol");
  const title = document.createElement("strong");
  const { settings, said } = companion;
  let shown = 0;

  const style = (element, styles) => Object.assign(element.style, styles);
  box.setAttribute("aria-label", "Companion, for theme developers");
  style(box, {
    position: "fixed",
    inset: "8px auto auto 8px",
    zIndex: 2147483647,
    width: "min(440px, calc(100vw - 16px))",
    maxHeight: "45vh",
    overflow: "auto",
    padding: "12px",
    color: "#fff",
    background: "#1b1f24",
    font: "12px/1.5 ui-monospace, monospace",
    borderRadius: "6px",
  });
  style(list, { margin: "8px 0 0", padding: 0, listStyle: "none" });
  const track = settings.track.join(", ") || "nothing";
  title.textContent = `Companion · consent: ${settings.consent || "by no tool"} · tracks ${track}`;
  box.append(title, list);
  document.body.append(box);

  const written = (part) => {
    if (part instanceof Error) return `${part.name}: ${part.message}`;
    return typeof part === "object" ? JSON.stringify(part, null, 1) : String(part);
  };

  const show = () => {
    for (const [kind, ...details] of said.slice(shown)) {
      const line = document.createElement("li");
      const [first = "", ...rest] = details.map(written);
      const brief = first.length < 60 && !first.includes("\n");
      const head = document.createElement(rest.length || !brief ? "summary" : "span");
      head.textContent = brief ? `${kind}: ${first}` : kind;
      line.append(head);
      if (head.localName === "summary") {
        const more = document.createElement("details");
        const text = document.createElement("pre");
        text.textContent = (brief ? rest : [first, ...rest]).join("\n");
        style(text, { margin: 0, whiteSpace: "pre-wrap", color: "#c9d1d9" });
        more.append(head, text);
        line.append(more);
      }
      list.append(line);
    }
    shown = said.length;
  };
  show();
  setInterval(show, 300);
})();
