/** Reports when this process holds the lock of a database: another thread of it measures for how long. */

let listener: ((isHeld: boolean) => void) | null = null;

/** Sets the function called when a transaction of a job begins and ends; one per process. */
export const watchLocks = (onLock: (isHeld: boolean) => void): void => {
  listener = onLock;
};

export const onLock = (isHeld: boolean): void => listener?.(isHeld);
