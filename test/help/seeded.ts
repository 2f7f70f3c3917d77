/** Loaded before the tests: gives all random tests one seed, so that failures can be repeated. */
import fc from "fast-check";
import { seed } from "./seed.ts";

fc.configureGlobal({ seed });
