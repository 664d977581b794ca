/** The statements that the documentation of PAUSE, RESUME and CANCEL shows, with their line breaks. */
export const SEEDS = {
  show: 'SHOW JOBS;',
  one: {
    PAUSE: 'PAUSE JOB 27536791415282;',
    RESUME: 'RESUME JOB 27536791415282;',
    CANCEL: 'CANCEL JOB 27536791415282;',
  },
  many: {
    PAUSE: "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS]\n      WHERE user_name = 'maxroach');",
    RESUME: "RESUME JOBS (SELECT job_id FROM [SHOW JOBS]\n      WHERE user_name = 'maxroach');",
    CANCEL: "CANCEL JOBS (SELECT job_id FROM [SHOW JOBS]\n      WHERE user_name = 'maxroach');",
  },
} as const;

/** The id in the statements. */
export const SEED_ID = '27536791415282';
