-- The error of a job with the values of the row that it is about, for those who may read rows.
ALTER TABLE "job_work" ADD COLUMN "row_error" TEXT COLLATE "C";
