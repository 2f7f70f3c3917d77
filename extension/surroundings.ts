/** What is handed to the extension by whoever joined it to the program that comes along with it. */
export interface Surroundings {
  version: string;
  /** Where the server of this environment listens, and where it keeps its log. */
  serverOf(env: NodeJS.ProcessEnv): { socket: string; logFile: string };
}
