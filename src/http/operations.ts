/** The operations that run on one socket. graphql-ws does not report that a client has completed a query itself. */
export const createOperations = () => {
  const running = new Map<string, AbortController>();
  const end = (id: string) => {
    running.get(id)?.abort();
    running.delete(id);
  };
  return {
    /** How many there are. */
    get running() {
      return running.size;
    },
    begin: (id: string): AbortSignal => {
      const left = new AbortController();
      running.set(id, left);
      return left.signal;
    },
    end,
    endAll: () => {
      for (const id of [...running.keys()]) end(id);
    },
    /** Ends the operation that a message completes. */
    hear: (text: string) => {
      if (running.size === 0 || text.length > LONGEST_COMPLETE || !text.includes('"complete"')) return;
      try {
        const { type, id } = JSON.parse(text) as { type?: unknown; id?: unknown };
        if (type === 'complete' && typeof id === 'string') end(id);
      } catch {
        // graphql-ws closes the socket for it.
      }
    },
  };
};
const LONGEST_COMPLETE = 4_096;
