// Peers run as in production unless told otherwise. Imported before all else: libraries look once, when they are loaded.

process.env.NODE_ENV ??= 'production';
