// A complete harness that speaks the wire contract (../WIRE.md), in Go. To measure your own code,
// replace the first part and keep the second. What there is:
//
//	go build -o runner runner.go && ./runner _list
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
	"sort"
	"strconv"
	"time"
)

// ---- What is measured: replace this ----

func numbers(n uint64) []uint32 {
	values := make([]uint32, n)
	for i := range values {
		values[i] = uint32(i) * 2654435761
	}
	return values
}

func prepareSum(n uint64) func() uint64 {
	values := numbers(n)
	return func() uint64 {
		total := uint64(0)
		for _, value := range values {
			total += uint64(value)
		}
		return total
	}
}

func prepareSort(uint64) func() uint64 {
	values, sorted := numbers(1000), make([]uint32, 1000)
	return func() uint64 {
		copy(sorted, values)
		sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
		return uint64(sorted[500])
	}
}

type object = map[string]any

// workloads have each a name, what makes the input, whose time does not count, and returns the
// call that is timed, and the further keys of the answer to `_list`.
var workloads = []struct {
	name    string
	prepare func(n uint64) func() uint64
	listed  object
}{
	{"demo/sum", prepareSum, object{
		"kind": "parametric", "ladder": object{"low": 1, "high": 65536}, "complexity": "n"}},
	{"demo/sort", prepareSort, object{"kind": "fixed"}},
}

// ---- The contract: keep this ----

var answer uint64 // outside of the loop, so that no call is dropped

func timeCalls(call func() uint64, repeats uint64) uint64 {
	began := time.Now()
	for i := uint64(0); i < repeats; i++ {
		answer = call()
	}
	return uint64(time.Since(began))
}

// hash is of the answer's text: by it `tacho` sees that every process answers the same.
func hash(text string) string {
	state := fnv.New64a()
	state.Write([]byte(text))
	return fmt.Sprintf("0x%016x", state.Sum64())
}

// peakRssKb is the most memory that this process ever had.
func peakRssKb() any {
	status, _ := os.ReadFile("/proc/self/status")
	found := regexp.MustCompile(`VmHWM:\s*(\d+)`).FindSubmatch(status)
	if found == nil {
		return nil
	}
	return json.RawMessage(found[1])
}

func refuse(why string) {
	fmt.Fprintln(os.Stderr, "runner:", why)
	os.Exit(2)
}

func write(line object) {
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		refuse(err.Error())
	}
}

func number(word string) uint64 {
	value, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		refuse("a whole number is expected, not: " + word)
	}
	return value
}

func list() {
	for _, each := range workloads {
		each.listed["schema_version"], each.listed["name"] = 1, each.name
		write(each.listed)
	}
}

func measure(call func() uint64, target uint64, cold bool) object {
	// One call; then twice as many, again and again, while half of the target is not reached.
	repeats := uint64(1)
	total := timeCalls(call, repeats)
	for !cold && total < target/2 {
		repeats *= 2
		total = timeCalls(call, repeats)
	}
	text := fmt.Sprint(answer)
	row := object{"total_nanos": total, "inner_repeats": repeats,
		"peak_rss_kb": peakRssKb(), "result_hash": hash(text)}
	if _, asked := os.LookupEnv("TACHO_PREVIEW"); asked {
		row["result_preview"] = fmt.Sprintf("%.200s", text)
	}
	return row
}

func child(words []string) {
	asked := flag.NewFlagSet("runner", flag.ExitOnError) // at unknown words: exit code 2
	var which, target string
	asked.StringVar(&which, "param", "", "")
	asked.StringVar(&which, "repeat-index", "", "")
	asked.StringVar(&target, "target-nanos", "", "")
	asked.StringVar(&target, "min-total-nanos", "", "")
	bench := asked.String("bench", "", "")
	fixed := asked.Bool("fixed", false, "")
	cacheMode := asked.String("cache-mode", "warm", "")
	asked.String("env-json", "", "")
	asked.Parse(words)
	if asked.NArg() > 0 || (*cacheMode != "warm" && *cacheMode != "cold") {
		refuse("unknown words: " + fmt.Sprint(words))
	}
	for _, each := range workloads {
		if each.name != *bench {
			continue
		}
		if *fixed != (each.listed["kind"] == "fixed") {
			refuse(each.name + " is asked for as the other kind")
		}
		n := number(which)
		row := measure(each.prepare(n), number(target), *cacheMode == "cold")
		row["schema_version"], row["kind"], row["function"] = 1, each.listed["kind"], each.name
		row["status"], row["cache_mode"] = "ok", *cacheMode
		if *fixed {
			row["repeat_index"] = n
		} else {
			row["param"] = n
		}
		write(row)
		return
	}
	refuse("unknown workload: " + *bench)
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "_list":
		list()
	case len(os.Args) > 2 && os.Args[1] == "_child":
		child(os.Args[2:])
	default:
		refuse("unknown words: " + fmt.Sprint(os.Args[1:]))
	}
}
