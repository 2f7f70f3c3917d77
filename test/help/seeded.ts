/** Loaded before the tests: all that is random in them goes by one seed, so that what failed once fails again. */
import fc from "fast-check";
import { seed } from "./seed.ts";

fc.configureGlobal({ seed });
