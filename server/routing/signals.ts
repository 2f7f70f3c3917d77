/**
 * The table of signals that a task is easy or hard, read from its wording. In `phrases`, separated by `|`, a word that ends with `*`
 * stands for all words that begin with it, and `~` for up to three words. Words are lower case, without apostrophes and hyphens.
 */

import type { RoutingMode } from "../../protocol/settings.ts";

/**
 * `topic`: a field that is often hard; it counts for nothing in a mechanical task ("fix the typo in SECURITY.md"). `hard`: hard wherever it
 * is asked for; `field` unless the task is mechanical. `intent`: what the user says about the effort. `scope`: how much is touched. `simple`: speaks for a mechanical task.
 * `work`: ordinary work, which is more than mechanical.
 */
export type SignalKind = "topic" | "field" | "hard" | "intent" | "scope" | "simple" | "work";

export interface Signal {
  id: string;
  kind: SignalKind;
  points: number;
  phrases: string;
}

export const SIGNALS: readonly Signal[] = [
  {
    id: "cause.unknown",
    kind: "hard",
    points: 4,
    phrases: `root cause*|rootcause|find out why|find out what|find out how|figure out|whats going on|what is going on|no idea|
      what is happening|whats happening|what happened|underlying cause|true cause|real cause|why ~ sometimes|cause ~ unknown|unknown cause|nobody knows|
      no one knows|dont know why|do not know why|dont understand why|not sure why|cannot explain|cant explain|without ~ reason|for no reason|
      no apparent reason|mysterious*|investigat*|diagnos*|get to the bottom|track down|trace it down|trace ~ down|hunt down|pin down|where is the hole|
      what could ~ cause|what is it|something is wrong|look into why|explain why|
      ursache|herausfinden|la causa|averigua*|investiga*|la cause|pourquoi|根本原因|排查|原因を|調査|原因|выясни*|причин*|descubra|descubre|explain and fix|what wakes|tell me how they|tell me how it|tell me how he|work out what|work out why|cant find it|cannot find it|couldnt find|cant find the|cant find the cause|find the cause|find the reason|find the bug|understand why|cannot find out|explanation for|dont see why|do not see why|stumped|baffl*|puzzl*|inexplicabl*|unexplained|makes no sense|doesnt make sense|how did that happen|how did this happen|how is that possible|how is this possible|how can that be|how can this happen|what went wrong|dont match|doesnt match|do not match|please find out|find out`,
  },
  {
    id: "nondeterministic",
    kind: "hard",
    points: 4,
    phrases: `sometimes|sporadic*|intermittent*|occasional*|randomly|every now and then|once in a while|from time to time|now and again|
      once a day|once a week|once in ~ requests|1 of ~ runs|in roughly ~ runs|one in ~ requests|one out of ~|every third run|heisenbug*|non deterministic*|nondeterministic*|
      unpredictabl*|cant reproduce|cannot reproduce|cant repro|not reproducible|unable to reproduce|could not reproduce|couldnt reproduce|unreproducible|hard to reproduce|
      never locally|not locally|works locally|only in prod*|only on prod*|only in ci|only under load|under load|under heavy load|random segfault*|random crash*|random fail*|
      random timeout*|different results|differ between|random times|random intervals|random moments|at random|stops responding|unresponsive|after a few hours|after some time|after a while|every night|pass alone|fail together|only when run together|order dependent|requests randomly|randomly|not reproducible|hashes differ|differs between|goes away|make ~ deterministic|
      manchmal|gelegentlich|sporadisch|a veces|de vez en cuando|parfois|as vezes|às vezes|иногда|偶尔|有时|时不时|時々|たまに|まれに|run* in parallel|shared state|on their own but|on its own but|timing dependent|depends on timing|timing issue*|works on my machine|works fine locally|fine locally|in rare cases|rarely|rare cases|once every|every few days|every few hours|some of the time|half of the time|hermetic|reproducible|depending on the machine|depends on the machine|flash of|for a second after|now and then|by chance|irregular*|erratic*|unstable|unreliabl*|comes and goes|other results|different binaries|different output*|reappear*|resurrect*|come back from|every couple of|every few minutes|every few seconds|constantly|keeps happening|keeps failing|keeps crashing|keeps dying|goes down every|production traffic`,
  },
  {
    id: "concurrency",
    kind: "hard",
    points: 4,
    phrases: `deadlock*|dead lock*|livelock*|race condition*|data race*|thread safe*|threadsafe*|thread safety|lock free|lockfree|wait free|lost wakeup*|
      memory order*|memory barrier*|memory model|atomicity|mutual exclusion|starv*|priority inversion|double spend*|lost update*|write skew|serializab*|
      isolation level*|concurren*|raced|at the same time|at once although|reentran*|happens before|out of order|
      acquire ~ lock*|release ~ lock*|pick* up the same|same job|both workers|two workers|two processes|two requests|simultaneous*|gleichzeitig|hoher last|nebenläufig*|condición de carrera|interbloqueo|死锁|并发|竞态|競合|デッドロック|排他|взаимоблокировк*|гонк*|phantom read*|dirty read*|isolation|optimistic lock*|pessimistic lock*|never run twice|run twice|goroutines|two threads|several threads|multiple threads|multi threaded|multithreaded|same map|concurrency|contended|interleav*|compare and swap|cas loop|actor model`,
  },
  {
    id: "distributed",
    kind: "field",
    points: 4,
    phrases: `exactly once|at least once|leader election|consensus|raft|paxos|quorum|split brain|two phase commit|distributed transaction*|distributed lock*|distributed system*|
      sagas|eventual consistency|eventually consistent|strong consistency|linearizab*|failover|fail over|replication|replica*|sharding|shard|shards|event sourc*|event store|cqrs|
      multi region|cross region|active active|crdt|crdts|operational transform*|conflict resolution|merge without conflict*|collaborative edit*|real time collaborat*|
      offline first|offline edit*|offline sync*|sync engine|vector clock*|gossip|idempotenc*|outbox|backpressure|stale ~ nodes|cache coheren*|cache layers|invalidation scheme|nodes agree|all nodes|single point of failure|high availability|highly available|fault toleran*|disaster recovery|rolling upgrade*|rolling update*|blue green|hot standby|multi primary|multi master|ordering guarantee*|delivery guarantee*|at most once|message ordering|order of events|partition toleran*|rebalanc*|merkle|work offline|works offline|sync later|offline and sync|with conflicts|conflict free|different balances|event driven|dual write*|double write*|backfill*|between nodes|across nodes|across regions|in different regions|peer to peer|p2p|two way sync|bidirectional sync|synchronize between|clock skew between|distributed|five regions|several regions|multiple regions|data centers|data centres|multi node|cluster|clustered|collaborative|collaborative sessions|conflicting edits|without losing messages|message loss|dead letter`,
  },
  {
    id: "memory",
    kind: "hard",
    points: 4,
    phrases: `memory leak*|leak memory|leaks memory|leaking|is leaking|leak|leaks|memory ~ grows|memory grows|memory usage keeps|out of memory|oom|oom killed|segfault*|
      segmentation fault|sigsegv|use after free|double free|heap corruption|memory corruption|buffer overflow|buffer overrun|stack overflow in|undefined behavior|undefined behaviour|dangling pointer*|
      heap snapshot*|heap dump*|speicherleck|fuga|fuite|内存泄漏|メモリリーク|утечк*|consume ~ memoria|vazamento`,
  },
  {
    id: "hangs",
    kind: "hard",
    points: 3,
    phrases: `hang|hangs|hanging|hung|freez*|stuck|stalls|stalled|never returns|never finishes|timeouts|times out|timing out|freez*|504s|502s|hängt|卡住|卡死|се завис*|зависа*`,
  },
  {
    id: "security.deep",
    kind: "hard",
    points: 4,
    phrases: `security review|security audit*|security assess*|security hole*|threat model*|attack surface|attacker*|pentest*|penetration test*|exploit*|vulnerabilit*|vulnerable|escap* ~ sandbox|
      sandbox escape|sql injection|injection attack*|ssrf|path traversal|rce|remote code execution|privilege escalation|side channel*|timing attack*|
      end to end encrypt*|e2e encrypt*|e2ee|forward secrecy|key exchange|key rotation|zero knowledge|cryptograph*|constant time|
      untrusted code|third party plugins|sicherheitslücke*|schwachstelle*|vulnerabilidad*|faille*|漏洞|脆弱性|уязвимост*|row level perm*|row level secur*|access control model|permission model|bypass*|got into|broke into|intru*|breach*|compromised|malware|backdoor|forensic*|leaked credential*|pkce|token rotation|replay attack*|replay detection|replay protection|least privilege|tamper*|cross tenant|tenant isolation|data leak*|leaks data|wrong users|permissions model|authorization server|identity provider|signing scheme|secure enclave|zero trust|abuse|brute force|credential stuffing|deserialization|prototype pollution|request smuggling|supply chain|fixation|session hijack*|safe against|secure against|protect* against|look at everything|encryption keys|key management`,
  },
  {
    id: "architecture.deep",
    kind: "hard",
    points: 4,
    phrases: `system design|design a system|design how|design an architecture|design the architecture|architecture for|architect a|architect the|architectural|re architect*|rearchitect*|multi tenant*|multitenan*|
      microservice*|monolith|its own service|service boundar*|bounded context*|data ownership|zero downtime|without downtime|no downtime|no outage|
      scale to|scaling strategy|expect ~ x|what breaks first|trade offs|tradeoffs|for years|long term|rollback plan|migration plan|migration strategy|migration path|rollout plan|
      plan the|plan a migration|propose an architecture|rfc for|adr for|blueprint|how should we structure|which isolation|isolation would|dependency injection across|
      architektur|arquitectura|arquitetura|架构|アーキテクチャ|設計して|архитектур*|fair scheduling|scheduling strategy|rollback|shared database|strangler|evaluate whether|failure modes|capacity plan*|build vs buy|domain driven|hexagonal|carve out|phase out|decommission|feature work must continue|without interrupting|without stopping|in stages|shadow traffic|schema evolution|cross cutting|event driven architecture|from scratch including|get rid of|greenfield|long lived decision|architecture decision|target architecture|single source of truth|technical strategy|roadmap for|proposal for|write a proposal|with risks|order of steps|risk assessment|into separate services|into services|in services|break ~ into services|from first principles|alternatives considered|decide how|decide whether|decide between|next years|coming years|version our public api|safe everywhere|over all services|tenants with`,
  },
  {
    id: "algorithm.hard",
    kind: "field",
    points: 4,
    phrases: `register alloc*|graph colo*|compiler|jit|garbage collector|garbage collection|bytecode|type inference|type checker|fully type safe|type level|should be inferred|
      incremental pars*|error recovery|parser generator|query planner|query optimi*|cost based|join order|b tree|btree|lsm|write ahead log|wal|storage engine|
      consistent hash*|bloom filter*|suffix array|np hard|constraint solver|sat solver|scheduler|scheduling algorithm|work stealing|simd|cuda|gpu kernel|attention kernel|kernel within|
      cublas|device driver|kernel module|the driver|bootloader|interrupt*|ring buffer|numerical* stab*|floating point drift|precision loss|physics engine|path tracing|inverse kinematics|
      reverse engineer*|work out the framing|work out the|decompil*|binary protocol|checksum and|formal* verif*|formal proof|prove that|tla|model check*|
      fuzzing harness|garbage collect*|virtual machine|interpreter|look ahead|lookahead|steal*|vectoriz*|bit exact|hot reload* ~ state|optimizer pass|optimiser pass|aliasing|ssa|dataflow analysis|data flow analysis|static analysis|static analyzer|abstract interpretation|taint analysis|symbolic execution|linker|emulator|hypervisor|file system implementation|mvcc|spatial index|incremental compil*|only changed subtrees|incremental|reconciliation algorithm|codec|entropy coding|kalman|slam|ray tracer|ray tracing|global illumination|rigid body|fluid simulation|quantization|distributed training|hnsw|regex engine|macro system|borrow checker|async runtime|green threads|io_uring|zero copy|numa|false sharing|assembly|abi|rounding problem|rounding errors|numerically|constraint satisfaction|optimization problem|combinatorial|approximation algorithm|space partitioning|language server from|theorem|proof|transpiler|decompiler|garbage|heuristic search|planner|deoptimi*|escape analysis|tail call*|continuations|monomorphi*|recover from errors|recovers from errors|incomplete code|partial input|b tree|b+ tree|escrow|ledger|double entry|matching engine|order book|pricing engine|rules engine|workflow engine|undo across|time travel|bitemporal|temporal tables|schema inference|unification|backtracking parser|garbage collect*|safe rust|memory safe|pointer arithmetic|unsafe code|exponential blowup|exponential time|catastrophic backtracking|quadratic|np complete|theorem prover|bit level|finite automaton|state machine replication|incremental build*|build system from`,
  },
  {
    id: "data.loss",
    kind: "hard",
    points: 4,
    phrases: `data loss|lose data|losing data|lost data|lost writes|lose writes|losing writes|without losing|lose ~ edits|lose their|lost their|loses their|losing their|data corrupt*|corrupted data|corrupts|corruption|corrupted|
      charge* ~ twice|arrive* twice|processed twice|executed twice|runs twice|sent twice|delivered twice|somebody else|someone else|another users|other users data|wrong user|after a crash|power loss|power failure|survive* ~ crash|charged twice|billed twice|duplicate charge*|doppelt|twice when|double book*|double charge*|writes were gone|were gone|disappear*|vanish*|go missing|goes missing|
      off by ~ eur|off by ~ euro|off by ~ usd|off by ~ cents|off by ~ dollars|off by a few|totals are off|dont add up|do not add up|mismatch between|discrepan*|dont match the|drift* apart|crash recovery|crash safe*|
      datenverlust|pérdida de datos|perte de données|丢失|データ損失|потер*|overwrite* each other*|overwritten by|clobber*|last write wins|showed up in another|shows up in another|another customers|other customers|belongs to another|mixed up|resurrect*|stale reads|read your own writes|gets lost|get lost|got lost|never arrive*|arrive out`,
  },
  {
    id: "performance.deep",
    kind: "hard",
    points: 4,
    phrases: `p99|p95 ~ went|p99 latency|latency went|latency spike*|tail latency|so slow in|slow in prod*|slower than before|got slow*|regress* ~ performance|performance regression|cpu ~ look* normal|profile first|profile it|profile the|
      flame graph*|flamegraph*|hot path|bottleneck*|throughput|10x faster|times faster|x slower|too slow at|faster than|within ~ ms for|must stay fast|million documents|million rows|million users|million records|billion*|
      high frequency|low latency|micros|gc pause*|battery|wakes the|compile time|build time from|bring down|cut ~ in half|halve|latency has|long tail|falls behind|fall behind|lags behind|lagging|backlog grows|although throughput|degrad*|slower and slower|gets slower|jank|dropped frames|frame drops|contention|with perf|thrash*|saturat*|cpu goes to|cpu usage|high cpu|100 cpu|cpu at|utilisation|utilization|where the time goes|make ~ fast|time is spent|what is slow|whats slow|why ~ slow|too many allocations|hotspot*|scalab*`,
  },
  {
    id: "incident",
    kind: "hard",
    points: 3,
    phrases: `incident|post mortem|postmortem|outage|reconstruct*|after failover|error rate|in production|production is down|prod is down|was down|went down|rate of errors|which measurement`,
  },
  {
    id: "legacy.unknown",
    kind: "hard",
    points: 3,
    phrases: `nobody understands|no documentation|lost the docs|undocumented|reverse the|legacy system|without docs|no one understands|cobol|reimplement*|work out the actual|go through the pipeline|find every place|every place where|more places like`,
  },
  {
    id: "topic.security",
    kind: "topic",
    points: 2,
    phrases:
      "security|secure|auth|authentication|authorization|authorisation|oauth|oidc|saml|sso|encrypt*|decrypt*|csrf|xss|sanitiz*|permissions|jwt|secrets|sandbox*|hardening|sicherheit|seguridad|sécurité|安全|безопасност*|rbac|abac|mfa|2fa|gdpr|hipaa|pci|guests|api keys|roles",
  },
  {
    id: "topic.architecture",
    kind: "topic",
    points: 2,
    phrases:
      "architecture|design|designing|redesign|schema design|data model|domain model|abstraction|decouple|modular*|extensib*|framework for|strategy|approach|from scratch|redesigning|evaluate|agree|tradeoff|requirements for",
  },
  {
    id: "topic.migration",
    kind: "topic",
    points: 2,
    phrases:
      "migrate|migrating|migration|migriere*|migrar|迁移|移行|port the|upgrade from|major version|backward* compat*|breaking change*|keep ~ compatible",
  },
  {
    id: "topic.performance",
    kind: "topic",
    points: 2,
    phrases:
      "performance|optimization|optimisation|speed up|slow|slower|faster|latency|profil*|cache misses|memory usage|takes ~ seconds|takes ~ minutes|performant|langsam|lento|lenteur|慢|遅い|reduce|memory footprint|bundle size|too long|too much memory|efficient*|inefficient",
  },
  {
    id: "topic.flaky",
    kind: "topic",
    points: 2,
    phrases:
      "flaky|flakiness|flake|flakes|race|races|racy|threads|mutex|lock|locks|semaphore|async*|parallel*|transaction*|retry storm|timeout*|idempotent",
  },
  {
    id: "topic.scale",
    kind: "topic",
    points: 2,
    phrases:
      "100k|500k|1m|10m|100m|20x|10x|100x|million|millions|gb|tb|fps|60fps|qps|rps|under 1s|under ~ ms|within ~ ms|cold start*|startup time|resumable|high load|at scale|cant handle|cannot handle|connections|concurrent users|requests per second|10k|20k|50k|5k|200k|minutes to|minutes get it|under 10",
  },
  {
    id: "topic.systems",
    kind: "topic",
    points: 2,
    phrases:
      "engine|renderer|runtime|allocator|storage layer|data layer|persistence layer|core of|rendering|vulkan|opengl|webgpu|shaders|kernel|firmware|embedded|protocol|simulation|solver|real time|realtime|streaming|god class|god object|spaghetti|legacy|callers|plugin system|permission system|permissions system|scheduler|wire format|database schema|data structures|marketplace|multi currency",
  },
  {
    id: "topic.refactor",
    kind: "topic",
    points: 2,
    phrases: "rewrite|refactor across|large refactor*|restructure|overhaul|redo the|rework",
  },
  {
    id: "topic.debug",
    kind: "topic",
    points: 2,
    phrases:
      "debug|audit|troubleshoot*|reproduce|bisect*|crash|crashes|crashing|regression|inconsisten*|stale|wrong results|duplicate*|duplicated|suddenly|weird|strange|odd|corrupt|unexpected*|rounding|safely|econnreset|timeouts|dropped connections|disconnects",
  },
  {
    id: "scope.everything",
    kind: "scope",
    points: 3,
    phrases:
      "entire codebase|whole codebase|entire code base|entire repo*|whole repo*|whole backend|entire backend|entire app*|whole app*|whole system|entire system|across all|across the entire|across the whole|across services|across the code*|across modules|all modules|all services|all packages|all ~ packages|all ~ services|all ~ tables|every service|every module|five services|three services|several services|multiple services|12 services|monorepo build|140 tables|300 files|hundreds of files|thousands of|dozens of|side by side|module federation|in one pull request|repositories|four teams|three teams|several teams|across teams|whole ~ layer|entire ~ layer|feature work|all repositories|all clients|every client|all callers|all consumers|everything at once|throughout the code*|throughout the app*|across tax|large code base|large codebase|huge codebase|million lines|the whole ~ from|the codebase|the code base|lines of code|200k lines|100k lines|k lines|whole frontend|across tenants|fair across",
  },
  {
    id: "intent.think",
    kind: "intent",
    points: 4,
    phrases:
      "think hard|think harder|think deep*|think carefully|think very|think long|think about this carefully|reason carefully|ultrathink|megathink|denk* ~ nach|piensa bien|réfléchis|认真|仔细",
  },
  {
    id: "intent.hard",
    kind: "intent",
    points: 4,
    phrases:
      "very carefully|carefully|be thorough|thorough*|rigorous*|in depth|deep dive|complex|complicated|tricky|subtle|difficult|challenging|hard problem|not a guess|explanation that holds|prove|proof|深入",
  },
  {
    id: "intent.tried",
    kind: "intent",
    points: 2,
    phrases:
      "already tried|we tried|what we tried|ive tried|i tried|i have tried|spent ~ days|spent ~ hours|for days|for weeks|nothing helped|didnt help|dont help|no change|without success|still fails|still failing|still broken|keeps coming back|came back|again and again",
  },
  {
    id: "intent.easy",
    kind: "intent",
    points: -1,
    phrases:
      "quick|quickly|just|simply|simple|trivial|easy|easily|tiny|small|minor|schnell|einfach|nur|rápido|simplemente|vite|juste|简单|只",
  },
  {
    id: "simple.text",
    kind: "simple",
    points: -3,
    phrases:
      "typo|typos|tippfehler|spelling|misspel*|misspelt|spellcheck|grammar|wording|punctuation|capitalization|whitespace|trailing comma|indentation|newline at|line break*|faute de frappe|errata|错别字|誤字|опечатк*|broken link|dead link|link in|page title|heading|headings|caption|spelled|spelt|is spelled|mis spelled|alphabetical|alphabetically|translations|in two sentences|in one sentence|in a sentence",
  },
  {
    id: "simple.only",
    kind: "simple",
    points: -2,
    phrases:
      "nothing else|only the|no logic|dont touch|do not touch|dont change anything|do not change anything|no other change*|line by line|one line|single line|on line|line 1*|line 2*|line 3*|line 4*|line 5*|line 6*|line 7*|line 8*|line 9*|first line|last line|one liner|oneliner|all over the repo*|all over the code*|in all files|in every file|each of these files|nothing should change|ill deal with|just the list",
  },
  {
    id: "simple.object",
    kind: "simple",
    points: -3,
    phrases:
      "version number|a comment|comment explaining|newline|empty file|empty class|hello world|debug flag|semicolon|changelog|gitignore|readme badge|badge|docstring|doc comment|jsdoc|javadoc|getter|setter|console log*|print statement*|copyright|license header*|spdx|trailing whitespace|unused import*|semicolons|quotes|commit message|table of contents|toc|alt text|meta tag|favicon|enum value|env var|placeholder text|button color|button text|font size|background color|log level|default port|default value|lockfile|feature flag default|help text|one sentence|fake users|sample data|dummy data|lorem ipsum|cron expression|description field|patch version|latest patch|minor version|folder called|file called|create a folder|create an empty|npm script|npm scripts",
  },
  {
    id: "simple.should-be",
    kind: "simple",
    points: -1,
    phrases: "should be|should point|should say|should read|is called|is named|ought to be",
  },
  {
    id: "work.tests",
    kind: "work",
    points: 2,
    phrases:
      "tests|unit test*|with tests|specs|test cases|e2e test*|integration test*|coverage|pruebas|testes|テスト|测试|тест*",
  },
  {
    id: "topic.screen",
    kind: "topic",
    points: -2,
    phrases:
      "landing page|login page|home page|logo|icon|icons|banner|navbar|sidebar|footer|css|layout|mockup|figma|responsive|design tokens|design system colors",
  },
  {
    id: "work.request",
    kind: "work",
    points: 2,
    phrases:
      "we want|users want|customers want|i want a|i want to be able|we would like|users should|users must|customers should|it should be possible|as a user",
  },
  {
    id: "work.thing",
    kind: "work",
    points: 1,
    phrases:
      "endpoint*|command|commands|subcommand|flag|option|method|api|apis|component*|page|pages|form|forms|dialog|modal|feature|pagination|paginat*|filter*|search|validation|validate|upload*|download*|import customers|export*|webhook*|middleware|workflow|pipeline|job|jobs|queue|worker|cron job|daily job|service|module*|function*|class*|parser|parse|script|plugin|extension|integration|client|server|query|queries|index|table|chart|dashboard|report|reports|notification*|email|emails|mailer|login|signup|settings|toggle|route|router|schema|dockerfile|dockerize|terraform|kubernetes|helm|ci|github actions|manifest*|retry|retries|backoff|cache|caching|rate limit*|websocket*|graphql|resolver|sql|aggregation|regex|algorithm|formula|scene|shader|game|animation|canvas|guard|mixin|composable|store|state|reducer|hook|context|builder|library|package",
  },
  {
    id: "work.behaviour",
    kind: "work",
    points: 1,
    phrases:
      "should|must|handle|handles|when|if|unless|until|instead of|so that|so we|support|supports|skip|skips|fails|failing|fail|wrong|error|errors|broken|bug|doesnt work|not working|improve|nicer|better",
  },
  {
    id: "work.advice",
    kind: "work",
    points: 2,
    phrases:
      "should we|should i|recommend*|compare|suggest*|review|have a look|anything wrong|pros and cons|how would|how should|how can we|how do we|how do you|how could|what would you|your opinion|explain how|walk me through|guide|tutorial|best way|best practice",
  },
];

/** Ordinary work raises a score to this, but not above it. */
export const WORK_LIMIT = 1;
/** What the size of a prompt may add at most. */
export const SIZE_LIMIT = 1.5;

/** Points for what is counted rather than worded. */
export const MEASURES = {
  /** A stack trace, a log or a failing test is pasted. */
  "paste.trace": 1,
  "files.several": 0.5,
  "files.many": 1,
  "prompt.long": 0.5,
  "prompt.many-requirements": 1,
  /** Old and new value are both given. */
  "simple.literal": -2,
  /** A few words that name what to add or to change. */
  "simple.named": -2,
  /** Nothing but a greeting or thanks. */
  "prompt.chat": -4,
  "history.failed": 5,
  "prompt.wordy": 1,
} as const;

/** Agents whose work is mostly easy or mostly hard. */
export const AGENT_POINTS: Readonly<Record<string, number>> = {
  explore: -2,
  intern: -2,
  qatester: -2,
  architect: 2,
  pentester: 2,
};

/** What one kind may add at most. */
export const CAPS: Partial<Record<SignalKind, number>> = { hard: 8, topic: 3, intent: 6 };

/** What a mode adds to both thresholds: `cost` needs more points for a higher tier. */
export const MODE_SHIFT: Readonly<Record<RoutingMode, number>> = { cost: 1.5, balanced: 0, quality: -1.5 };
