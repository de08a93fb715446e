// How the element looks. A sheet that is made by script, since content security policies forbid <style>.

/**
 * Colours follow the page's `color-scheme`. Browsers that don't know `light-dark()` take the system's
 * colours, which follow it as well.
 */
const CSS = `
:host {
  --accent: var(--pocket-translator-accent, LinkText);
  --on-accent: var(--pocket-translator-on-accent, Canvas);
  --surface: var(--pocket-translator-surface, Canvas);
  --quiet: var(--pocket-translator-surface-quiet, Canvas);
  --text: var(--pocket-translator-text, CanvasText);
  --muted: var(--pocket-translator-muted, CanvasText);
  --line: var(--pocket-translator-line, GrayText);
  --trouble: var(--pocket-translator-trouble, CanvasText);
  --radius: var(--pocket-translator-radius, 12px);
  display: block;
  min-inline-size: 0;
  color: var(--text);
  line-height: 1.5;
  text-align: start;
}
@supports (color: light-dark(#000, #fff)) {
  :host {
    --accent: var(--pocket-translator-accent, light-dark(#0b6b57, #5fcfae));
    --on-accent: var(--pocket-translator-on-accent, light-dark(#ffffff, #06231a));
    --surface: var(--pocket-translator-surface, light-dark(#ffffff, #1a211e));
    --quiet: var(--pocket-translator-surface-quiet, light-dark(#f7f9f8, #161c19));
    --text: var(--pocket-translator-text, light-dark(#1a201d, #e6ece9));
    --muted: var(--pocket-translator-muted, light-dark(#59635e, #9ba9a2));
    --line: var(--pocket-translator-line, light-dark(#858f8a, #66736c));
    --trouble: var(--pocket-translator-trouble, light-dark(#a8401f, #f0a184));
  }
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before { box-sizing: border-box; }

.box {
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
  overflow: hidden;
}
.head, .panes { display: grid; }
/* Names above their panes; a long name gets more than half of a narrow box. */
.head { grid-template-columns: repeat(2, minmax(min-content, 1fr)); align-items: center; }
.from { display: flex; align-items: center; }
.language {
  flex: 1;
  min-inline-size: 0;
  padding-inline-start: 1rem;
  font-weight: 600;
  overflow-wrap: break-word;
}
/* Two columns where there is room, else one: without container queries, which older browsers lack. */
.panes {
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));
  gap: 1px;
  border-block: 1px solid var(--line);
  background: var(--line);
}
.pane {
  display: flex;
  min-inline-size: 0;
  background: var(--surface);
}
.target {
  position: relative;
  justify-content: flex-end;
  min-block-size: var(--pocket-translator-height, 9rem);
  background: var(--quiet);
}

textarea, output {
  display: block;
  flex: 1;
  inline-size: 100%;
  min-block-size: 4rem;
  margin: 0;
  padding: 0.75rem 1rem;
  border: 0;
  border-radius: 0;
  background: none;
  color: inherit;
  font: inherit;
  /* Below this size phones zoom in on a field that is written in. */
  font-size: max(1rem, 1em);
  overflow: auto;
  overflow-wrap: anywhere;
  white-space: pre-wrap;
}
textarea { block-size: var(--pocket-translator-height, 9rem); resize: vertical; }
/* As high as the field beside or above it, whatever the length of its text, with the button below. */
output { position: absolute; inset: 0 0 2.75rem; inline-size: auto; min-block-size: 0; }
::placeholder { color: var(--muted); opacity: 1; }
textarea:disabled { color: var(--muted); cursor: not-allowed; }
output.stale { color: var(--muted); }

button {
  min-block-size: 2.5rem;
  padding: 0 0.75rem;
  border: 0;
  border-radius: calc(var(--radius) * 0.7);
  background: none;
  color: var(--accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
  touch-action: manipulation;
}
button:hover:enabled { text-decoration: underline; }
button:disabled { color: var(--muted); cursor: default; }
.copy { align-self: flex-end; margin: 0 0.25rem 0.25rem; }
.swap { display: grid; place-items: center; min-inline-size: 2.5rem; min-block-size: 2.75rem; padding: 0; }
.action { flex: none; }
.action.first { background: var(--accent); color: var(--on-accent); }
:is(button, textarea, output):focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.action.first:focus-visible { outline-offset: 2px; }
svg {
  inline-size: 1.5rem;
  block-size: 1.5rem;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.75;
  stroke-linecap: round;
  stroke-linejoin: round;
}

/* Always there, with room for three lines: nothing below it moves. */
.foot {
  position: relative;
  display: flex;
  align-items: center;
  gap: 0.75rem;
  min-block-size: 4.5rem;
  padding-block: 0.375rem;
  padding-inline: 1rem 0.5rem;
  color: var(--muted);
  font-size: 0.875em;
  line-height: 1.35;
}
.news { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; }
.news p { margin: 0; }
.trouble { color: var(--trouble); }
.bytes { font-variant-numeric: tabular-nums; }
progress {
  position: absolute;
  inset: 0 0 auto;
  inline-size: 100%;
  block-size: 0.25rem;
  border: 0;
  background: var(--quiet);
  color: var(--accent);
  appearance: none;
}
::-webkit-progress-bar { background: var(--quiet); }
::-webkit-progress-value { background: var(--accent); }
::-moz-progress-bar { background: var(--accent); }
@media (prefers-reduced-motion: no-preference) {
  /* What belongs to an earlier text is dimmed, but only if the new one is not there at once. */
  output.stale { transition: color 200ms linear 250ms; }
}
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** One for all elements. */
export function style() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
