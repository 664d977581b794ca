// Draws the output of a demo as an animated SVG: each line appears at the time at which it was printed.
const WIDTH = 860;
const LINE = 24;
/** How long the last line stays before the animation restarts, in seconds. */
const HOLD = 5;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const colorOf = (text) => {
  if (/kill|-9/.test(text)) return '#ff7b72';
  if (/PAUSE/.test(text) || /^paused/.test(text)) return '#e3b341';
  if (/SUCCEEDED|exactly/.test(text)) return '#7ee787';
  return '#c9d1d9';
};

/** @param lines the printed lines: `at` in seconds, and `text` */
export const drawLines = (lines) => {
  const total = (lines.at(-1)?.at ?? 0) + HOLD;
  const height = 32 + lines.length * LINE;
  const rows = lines.map(({ at, text }, i) => {
    const percent = ((at / total) * 100).toFixed(2);
    return {
      style: `@keyframes l${i}{0%,${percent}%{opacity:0}${(Number(percent) + 0.1).toFixed(2)}%,100%{opacity:1}}
.l${i}{animation:l${i} ${total.toFixed(2)}s infinite}`,
      line: `<text class="l${i}" x="20" y="${32 + i * LINE}" fill="${colorOf(text)}" xml:space="preserve">${at.toFixed(2).padStart(6)} s  ${escaped(text)}</text>`,
    };
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>A million rows are imported, paused, the server killed, and the import resumed</title>
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
${rows.map(({ style }) => style).join('\n')}
@media (prefers-reduced-motion:reduce){text{animation:none!important}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.map(({ line }) => line).join('\n')}
</svg>
`;
};
