-- AlterTable
ALTER TABLE "JobWork" ADD COLUMN "result" TEXT;
