/** Loaded before a client's program: `millrace/client` is then that of the package it is told. */
import { register } from 'node:module';

register('./client-hook.js', import.meta.url, { data: process.env.MILLRACE_BENCH_PACKAGE });
