-- Jobs that run again what another job did, and where the input of a job had secrets.
ALTER TABLE "JobWork" ADD COLUMN "rerunOf" BIGINT;
ALTER TABLE "JobWork" ADD COLUMN "secretPaths" TEXT;
