ALTER TABLE users DROP COLUMN role, DROP COLUMN is_pending, DROP COLUMN email_verified_at, DROP COLUMN password_hash;
