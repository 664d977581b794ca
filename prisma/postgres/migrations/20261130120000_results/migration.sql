-- AlterTable
ALTER TABLE "job_work" ADD COLUMN "result" TEXT COLLATE "C";
