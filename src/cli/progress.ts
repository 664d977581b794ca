/** A line about progress: redrawn on a terminal, and elsewhere printed when it says something new. */
import { visible } from '../terminal.ts';

export interface Progress {
  /** @param fraction from 0 to 1; null while it is unknown */
  show(phase: string, fraction: number | null, more?: string): void;
  /** Leaves the line as it is. */
  end(): void;
}

const BAR = 30;

export const createProgress = (out: NodeJS.WriteStream = process.stderr): Progress => {
  let last = '';
  return {
    show: (phase, fraction, more = '') => {
      const percent = fraction === null ? '' : ` ${Math.floor(fraction * 100)}%`;
      if (!out.isTTY) {
        if (phase !== last) out.write(`${phase}\n`);
        last = phase;
        return;
      }
      const filled = Math.round((fraction ?? 0) * BAR);
      const line = visible(`${phase} [${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]${percent} ${more}`);
      out.write(`\r\u001b[K${line.slice(0, Math.max(20, out.columns - 1))}`);
      last = line;
    },
    end: () => {
      if (out.isTTY && last !== '') out.write('\n');
      last = '';
    },
  };
};
