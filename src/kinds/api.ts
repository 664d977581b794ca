/** The kinds in the API: importing this declares the types and mutations of all of them to the builder. */
import './import/api.ts';
import './backup/api.ts';
import './restore/api.ts';
import './changefeed/api.ts';
import './schema-change/api.ts';
