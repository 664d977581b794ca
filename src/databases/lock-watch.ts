/** Lets the process that works see that it holds a lock of a database: another thread of it watches how long. */

let listener: ((isHeld: boolean) => void) | null = null;

/** Sets who is called when a transaction of a job begins and ends; one for a process. */
export const watchLocks = (onLock: (isHeld: boolean) => void): void => {
  listener = onLock;
};

export const onLock = (isHeld: boolean): void => listener?.(isHeld);
