/**
 * Tests for kinds of one's own: `checkKind` interrupts a job at each checkpoint, in every way that a server may, and compares
 * what it leaves with an uninterrupted one. `npx signalbox torture FILE` does the same with real processes and workers.
 */
export { type CheckOptions, checkKind, type KindReport, type KindScene, type Violation } from './check-kind.ts';
