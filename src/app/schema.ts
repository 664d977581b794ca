/** The schema, put together from its subjects and the kinds. */
import { builder } from '../graphql/builder.ts';
import '../graphql/subjects.ts';
import '../kinds/api.ts';

export const schema = builder.toSchema();
