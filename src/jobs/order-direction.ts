import { z } from 'zod';

/** The direction of a list, and of an index. */
export const ORDER_DIRECTION = z.enum(['ASC', 'DESC']).meta({
  id: 'OrderDirection',
  description: 'The direction of a list.',
  values: { ASC: 'Smallest or oldest first.', DESC: 'Largest or newest first.' },
});
