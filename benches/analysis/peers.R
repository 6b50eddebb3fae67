# What R's survfit takes for the same curves, on the CSV the benchmark wrote: Rscript benches/analysis/peers.R /tmp/implants.csv
library(survival)
d <- read.csv(commandArgs(TRUE)[1])
cpu <- system.time(f <- survfit(Surv(days, event) ~ device, data = d, conf.type = "log-log"))
cat(sprintf("R survfit: %.0f ms of CPU, %d implants, %d curves\n", 1e3 * (cpu[["user.self"]] + cpu[["sys.self"]]), nrow(d), length(f$strata)))
