// Loaded with `node --import`: the clock of the process is wrong by SKEW_MS.
const skew = Number(process.env.SKEW_MS ?? 0);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + skew] : args));
  }

  static now() {
    return RealDate.now() + skew;
  }
};
