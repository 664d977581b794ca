-- The error of a job with the values of the row that it is about, for those who may read rows.
ALTER TABLE "JobWork" ADD COLUMN "rowError" TEXT;
