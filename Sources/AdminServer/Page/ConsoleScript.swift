// SPDX-License-Identifier: Apache-2.0
// The script of the page, in the language of browsers. Exercised by ConsolePageTests.

extension ConsolePage {
    static let script = #"""
        "use strict";
        (function () {
          var token = "";                 // kept here alone: it goes with the page
          var rules = new Map();          // name -> what is known of a rule
          var rates = [];                 // events a second, the newest last
          var last = null;                // the status before
          var oldest = null;              // the alert before which older ones are
          var room = 20;                  // alerts that are shown at most
          var RATE_COUNT = 180, ALERT_CAP = 500, RULE_CAP = 300, KEY_CAP = 20;

          function byId(id) { return document.getElementById(id); }

          function el(tag, attributes) {
            var node = document.createElement(tag);
            fill(node, attributes, arguments);
            return node;
          }

          function svg(tag, attributes) {
            var node = document.createElementNS("http://www.w3.org/2000/svg", tag);
            fill(node, attributes, arguments);
            return node;
          }

          function fill(node, attributes, parts) {
            Object.keys(attributes || {}).forEach(function (name) {
              if (attributes[name] !== null) { node.setAttribute(name, attributes[name]); }
            });
            for (var i = 2; i < parts.length; i += 1) {
              if (parts[i] !== null) { node.append(parts[i]); }
            }
          }

          function put(parent) {
            parent.replaceChildren.apply(parent, Array.prototype.slice.call(arguments, 1));
          }

          function grouped(number) {
            return Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");
          }

          function bytes(number) {
            var units = ["B", "KB", "MB", "GB", "TB"], unit = 0;
            while (number >= 1024 && unit < 4) { number /= 1024; unit += 1; }
            return (unit ? number.toFixed(1) : number) + " " + units[unit];
          }

          function span(seconds) {
            seconds = Math.max(0, Math.round(seconds));
            if (seconds < 120) { return seconds + " s"; }
            if (seconds < 7200) { return Math.round(seconds / 60) + " min"; }
            if (seconds < 172800) { return Math.round(seconds / 3600) + " h"; }
            return Math.round(seconds / 86400) + " days";
          }

          function clock(text) {
            return text ? text.replace("T", " ").replace(/(\.\d+)?Z$/, "") : "–";
          }

          function since(now, text) {
            return text ? span((Date.parse(now) - Date.parse(text)) / 1000) : "–";
          }

          // Asking

          function ask(path, options) {
            options = options || {};
            options.headers = token ? { Authorization: "Bearer " + token } : {};
            return fetch(path, options).then(function (answer) {
              if (answer.status === 401) { showToken(token !== ""); throw new Error("token"); }
              if (!answer.ok) {
                return answer.json().then(function (problem) { throw new Error(problem.detail); });
              }
              return answer;
            });
          }

          function json(path) { return ask(path).then(function (a) { return a.json(); }); }

          function showToken(isWrong) {
            byId("token-form").hidden = false;
            byId("token-problem").textContent = isWrong ? "This is not the token." : "";
            setPhase("locked", "The server asks for its token.");
            byId("token").focus();
          }

          byId("token-form").addEventListener("submit", function (event) {
            event.preventDefault();
            token = byId("token").value;
            byId("token").value = "";
            byId("token-form").hidden = true;
            begin();
          });

          // Following

          function begin() {
            json("/api/v1/rules").then(function (answer) {
              rules.clear();
              answer.rules.forEach(function (rule) { rules.set(rule.name, rule); });
              return json("/api/v1/alerts?limit=20");
            }).then(function (answer) {
              put(byId("alert-list"));
              room = 20;
              answer.alerts.reverse().forEach(function (one) { addAlert(one, false, false); });
              setOlder(answer.next_before);
              if (!answer.alerts.length) {
                byId("alert-list").append(el("p", { class: "quiet", id: "none" }, "No alert yet."));
              }
              drawRules();
              byId("content").hidden = false;
              return follow();
            }).catch(function (error) {
              if (error.message === "token") { return; }
              setPhase("not reached", "The server does not answer; trying again.", true);
              setTimeout(begin, 2000);
            });
          }

          function follow() {
            return ask("/api/v1/events").then(function (answer) {
              var reader = answer.body.getReader(), decoder = new TextDecoder(), rest = "";
              last = null;
              function next() {
                return reader.read().then(function (part) {
                  if (part.done) { throw new Error("it ended"); }
                  rest += decoder.decode(part.value, { stream: true });
                  var pieces = rest.split("\n\n");
                  rest = pieces.pop();
                  pieces.forEach(take);
                  return next();
                });
              }
              return next();
            });
          }

          function take(piece) {
            var name = "", data = "";
            piece.split("\n").forEach(function (line) {
              if (line.startsWith("event: ")) { name = line.slice(7); }
              if (line.startsWith("data: ")) { data = line.slice(6); }
            });
            if (name === "status") { showStatus(JSON.parse(data)); }
            if (name === "alert") { addAlert(JSON.parse(data), true, false); }
          }

          // How it stands

          function setPhase(word, text, isBad) {
            byId("phase").textContent = word;
            byId("phase").classList.toggle("bad", Boolean(isBad));
            document.title = "Martlet: " + word;
            byId("since").textContent = text;
          }

          function showStatus(status) {
            var isReady = status.ready;
            var phase = !isReady && status.phase === "running" ? "waiting for room" : status.phase;
            setPhase(phase, "Version " + status.version + ", since " + clock(status.started_at),
              !isReady);
            var seconds = last
              ? (Date.parse(status.taken_at) - Date.parse(last.taken_at)) / 1000 : 0;
            var rate = seconds > 0 ? (status.events - last.events) / seconds : null;
            if (rate !== null) {
              rates.push(rate);
              if (rates.length > RATE_COUNT) { rates.shift(); }
              drawRates();
            }
            figures([
              [rate === null ? "–" : grouped(rate), "events a second"],
              [grouped(status.alerts), "alerts"],
              [grouped(status.rule_count), "rules"],
              [grouped(status.keys), "keys held"],
              [since(status.taken_at, status.watermark), "event time behind"],
              [grouped(status.dead_letters), "dead letters"],
              [status.checkpoint ? since(status.taken_at, status.checkpoint.written_at) : "–",
                "since checkpoint (" + bytes(status.checkpoint ? status.checkpoint.bytes : 0) + ")"]
            ]);
            showRuleset(status.ruleset);
            status.rules.forEach(function (rule) {
              var known = rules.get(rule.name) || { tags: [], key: [] };
              var before = known.events;
              Object.assign(known, rule);
              known.rate = seconds > 0 && before !== undefined
                ? (rule.events - before) / seconds : 0;
              known.toldAt = status.taken_at;
              rules.set(rule.name, known);
            });
            rules.forEach(function (rule) {
              if (rule.toldAt !== status.taken_at) { rule.rate = 0; }
            });
            if (!document.hidden) { drawRules(); }
            table(byId("feed-table"), ["Feed", "#Lines", "#Bytes", "#Events", "#Unwanted", "#Late",
              "#Undecodable", "#Refused", "#Waiting", "Event time"],
              status.feeds.map(function (feed) {
                return [el("code", {}, feed.name), grouped(feed.lines), bytes(feed.bytes),
                  grouped(feed.events), grouped(feed.ignored), trouble(feed.late),
                  trouble(feed.undecodable), trouble(feed.refused + feed.dropped),
                  grouped(feed.held), clock(feed.watermark) + (feed.quiet ? " (quiet)" : "")];
              }));
            table(byId("sink-table"), ["Sink", "State", "#Sent", "#Waiting", "#Failures",
              "#Given up", "Problem"],
              status.sinks.map(function (sink) {
                return [el("code", {}, sink.name),
                  el("span", { class: "state-" + sink.health }, sink.health),
                  grouped(sink.sent), grouped(sink.waiting), trouble(sink.failed),
                  trouble(sink.dead_letters), sink.problem || ""];
              }));
            last = status;
          }

          function showRuleset(ruleset) {
            var refusal = ruleset.last_refusal;
            put(byId("ruleset"), "Version " + grouped(ruleset.version) + ".",
              refusal ? el("span", { class: "bad-number" }, " Refused last, at "
                + clock(refusal.time) + ": " + refusal.reason) : "");
          }

          function trouble(count) {
            return count ? el("span", { class: "bad-number" }, grouped(count)) : "0";
          }

          function figures(list) {
            var figures = byId("figures");
            figures.hidden = false;
            put.apply(null, [figures].concat(list.map(function (figure) {
              return el("div", {}, el("dt", {}, figure[1]), el("dd", {}, figure[0]));
            })));
          }

          function table(parent, heads, rows) {
            if (!rows.length) { return put(parent, el("p", { class: "quiet" }, "None.")); }
            function style(place) { return heads[place].startsWith("#") ? "number" : null; }
            put(parent, el("table", {},
              el("thead", {}, row(heads.map(function (head, place) {
                return el("th", { scope: "col", class: style(place) }, head.replace("#", ""));
              }))),
              body(rows.map(function (cells) {
                return row(cells.map(function (cell, place) {
                  return place ? el("td", { class: style(place) }, cell)
                    : el("th", { scope: "row" }, cell);
                }));
              }))));
          }

          function row(cells) { var tr = el("tr", {}); tr.append.apply(tr, cells); return tr; }
          function body(rows) { var tb = el("tbody", {}); tb.append.apply(tb, rows); return tb; }

          function drawRates() {
            var most = Math.max.apply(null, rates.concat([1])), width = 100 / RATE_COUNT;
            var plot = svg("svg", { role: "img", preserveAspectRatio: "none",
              viewBox: "0 0 100 100",
              "aria-label": "Events a second over the last " + rates.length + " seconds" });
            rates.forEach(function (rate, place) {
              var height = 100 * rate / most;
              plot.append(svg("rect", { class: "bar", y: 100 - height, height: height,
                x: 100 - (rates.length - place) * width, width: width * 0.8 }));
            });
            plot.append(svg("line", { class: "axis", x1: 0, x2: 100, y1: 100, y2: 100,
              "vector-effect": "non-scaling-stroke" }));
            put(byId("rate-plot"), plot, el("p", { class: "legend" },
              el("span", {}, span(RATE_COUNT) + " ago"),
              el("span", {}, "at most " + grouped(most)), el("span", {}, "now")));
          }

          // Rules

          var chosen = null;
          byId("find").addEventListener("input", drawRules);

          function drawRules() {
            var wanted = byId("find").value.toLowerCase(), found = [];
            rules.forEach(function (rule) {
              if (rule.name.toLowerCase().includes(wanted)) { found.push(rule); }
            });
            byId("rule-count").textContent = found.length > RULE_CAP
              ? "the first " + RULE_CAP + " of " + grouped(found.length) : "";
            var focused = document.activeElement ? document.activeElement.dataset.rule : null;
            table(byId("rule-table"), ["Rule", "Severity", "#Events/s", "#Events", "#Under way",
              "#Matches", "#Alerts", "#Kept back", "#Caps hit"],
              found.slice(0, RULE_CAP).map(function (rule) {
                var button = el("button", { type: "button", class: "plain", "data-rule": rule.name,
                  "aria-pressed": String(rule.name === chosen) }, el("code", {}, rule.name));
                button.addEventListener("click", function () { choose(rule.name); });
                var kept = rule.suppressed + rule.limited + rule.excepted + rule.refused;
                var caps = Object.values(rule.caps || {})
                  .reduce(function (a, b) { return a + b; }, 0);
                return [button, severity(rule.severity), grouped(rule.rate || 0),
                  grouped(rule.events), rule.attempts_under_way === null
                    ? "–" : grouped(rule.attempts_under_way),
                  grouped(rule.matches), grouped(rule.alerts), grouped(kept), trouble(caps)];
              }));
            if (focused) {
              document.querySelectorAll("[data-rule]").forEach(function (button) {
                if (button.dataset.rule === focused) { button.focus(); }
              });
            }
          }

          function severity(word) {
            return word ? el("span", { class: "severity severity-" + word }, word) : "";
          }

          function choose(name) {
            chosen = name;
            drawRules();
            json("/api/v1/rules/" + encodeURIComponent(name)).then(showRule)
              .catch(function () {});
          }

          function parsed(text, type) {
            return document.importNode(
              new DOMParser().parseFromString(text, type).documentElement, true);
          }

          function showRule(rule) {
            var panel = byId("rule");
            var text = el("div", {});
            text.append.apply(text, Array.from(parsed(rule.text_html, "text/html")
              .querySelector("body").childNodes));
            var drawing = el("div", { class: "drawing", tabindex: 0, role: "region",
              "aria-label": "Drawing of " + rule.name },
              parsed(rule.drawing_svg, "image/svg+xml"));
            var form = el("form", {}), list = el("div", {});
            rule.key.forEach(function (part, place) {
              form.append(el("label", { for: "key-" + place }, part),
                el("input", { id: "key-" + place, autocomplete: "off", spellcheck: "false" }));
            });
            form.append(el("button", { type: "submit" }, "Look"));
            form.addEventListener("submit", function (event) {
              event.preventDefault();
              var parts = rule.key.map(function (_, place) { return byId("key-" + place).value; });
              var query = parts.some(Boolean)
                ? "?" + parts.map(function (p) { return "key=" + encodeURIComponent(p); }).join("&")
                : "";
              json("/api/v1/rules/" + encodeURIComponent(rule.name) + "/attempts" + query)
                .then(function (answer) { showAttempts(answer, list); })
                .catch(function (error) {
                  put(list, el("p", { class: "warning" }, error.message));
                });
            });
            put(panel, el("h3", {}, el("code", {}, rule.name), " ", severity(rule.severity)),
              rule.title ? el("p", {}, rule.title) : "",
              el("p", { class: "quiet" }, rule.sentence
                + (rule.file ? " (" + rule.file + ":" + rule.line + ")" : "")),
              el("div", { class: "source-body" }, text, drawing),
              el("h3", {}, "What it holds now"), form, list);
            panel.hidden = false;
            panel.focus();
          }

          function showAttempts(answer, list) {
            if (!answer.keys.length) {
              return put(list, el("p", { class: "quiet" }, "Nothing of that key."));
            }
            var isOne = answer.keys.length === 1;
            put.apply(null, [list].concat(answer.keys.map(function (key) {
              return heldKey(key, isOne);
            })));
            if (answer.keys.length >= KEY_CAP) {
              list.append(el("p", { class: "quiet" }, "There may be more keys: name one."));
            }
          }

          function heldKey(key, isOpen) {
            var names = Object.keys(key.key), oldest = key.attempts[0];
            var text = names.map(function (name) { return name + " " + value(key.key[name]); });
            var count = key.form === "window" ? grouped(key.count) + " in its window"
              : key.count === null ? key.form
                : grouped(key.count) + (key.count === 1 ? " attempt" : " attempts");
            if (oldest) { count += "; the first one " + waiting(oldest); }
            return folded("match", [el("strong", {}, text.join(", ") || "All events"),
              el("span", { class: "quiet" }, count)], isOpen, function () {
              var body = el("div", { class: "match-body" });
              key.attempts.forEach(function (attempt) {
                body.append(folded("match attempt", [el("strong", {}, waiting(attempt)),
                  el("span", { class: "quiet" }, "since " + clock(attempt.started_at)
                    + (attempt.deadline ? ", holds at " + clock(attempt.deadline) : "")
                    + (attempt.expires_at ? ", ends at " + clock(attempt.expires_at) : ""))],
                  isOpen && attempt === oldest, function () { return boundEvents(attempt); }));
              });
              if (key.count > key.attempts.length && key.form === "attempts") {
                body.append(el("p", { class: "quiet" }, "and "
                  + grouped(key.count - key.attempts.length) + " more"));
              }
              return body;
            });
          }

          function waiting(attempt) {
            return "waits for " + (attempt.waits_for.join(" or ") || "the end");
          }

          function boundEvents(attempt) {
            return el("div", { class: "match-body" },
              timeline(attempt.bound.slice().reverse().map(function (bound) {
                return { part: bound.step, time: bound.time, event: bound.event };
              }), attempt.bound_count - attempt.bound.length));
          }

          // What is made when it is opened.
          function folded(style, summary, isOpen, make) {
            var line = el("summary", {}), item = el("details", { class: style }, line);
            line.append.apply(line, summary);
            function open() {
              if (item.open && item.children.length === 1) { item.append(make()); }
            }
            item.addEventListener("toggle", open);
            item.open = isOpen;
            open();
            return item;
          }

          // Alerts

          function setOlder(before) {
            oldest = before;
            byId("older").hidden = before === null;
          }

          byId("older").addEventListener("click", function () {
            json("/api/v1/alerts?limit=50&before=" + oldest).then(function (answer) {
              room = Math.min(ALERT_CAP, byId("alert-list").children.length
                + answer.alerts.length);
              answer.alerts.forEach(function (one) { addAlert(one, false, true); });
              setOlder(answer.next_before);
            }).catch(function () {});
          });

          function addAlert(one, isNew, isOlder) {
            var list = byId("alert-list"), alert = one.alert;
            if (byId("none")) { byId("none").remove(); }
            var title = alert.title + (alert.status === "resolved" ? " (resolved)" : "");
            var item = folded(isNew ? "match fresh" : "match",
              [el("time", {}, clock(alert.end)), severity(alert.severity),
                el("strong", {}, title), el("code", {}, alert.rule)], false,
              function () { return alertBody(alert); });
            item.dataset.number = one.number;
            if (isOlder) { list.append(item); return; }
            list.prepend(item);
            // Of those that are left out here, older ones are asked for again.
            while (list.children.length > room) {
              list.lastElementChild.remove();
              setOlder(Number(list.lastElementChild.dataset.number));
            }
          }

          function alertBody(alert) {
            var events = [];
            Object.keys(alert.events).forEach(function (step) {
              alert.events[step].forEach(function (event) {
                events.push({ part: step, time: event.time || event.ts || event.timestamp
                  || event["@timestamp"], event: event });
              });
            });
            events.sort(function (a, b) { return moment(a.time) - moment(b.time); });
            return el("div", { class: "match-body" },
              pairs(alert.key, Object.keys(alert.key)),
              pairs(alert.fields, Object.keys(alert.fields)),
              pairs(alert.labels, Object.keys(alert.labels)),
              alert.suppressed ? el("p", { class: "quiet" },
                grouped(alert.suppressed) + " matches were kept back before it.") : null,
              timeline(events, 0));
          }

          function pairs(object, names) {
            var list = el("ul", { class: "pairs" });
            names.forEach(function (name) {
              list.append(el("li", {}, el("i", {}, name), el("code", {}, value(object[name]))));
            });
            return names.length ? list : null;
          }

          function value(thing) {
            return typeof thing === "string" ? thing : JSON.stringify(thing);
          }

          function moment(time) {
            if (typeof time === "number") {
              if (time > 1e17) { return time / 1e6; }
              if (time > 1e14) { return time / 1e3; }
              return time > 1e11 ? time : time * 1e3;
            }
            return Date.parse(time) || 0;
          }

          function offset(seconds) {
            return seconds > 0 && seconds < 10 && seconds % 1
              ? seconds.toFixed(2) + " s" : span(seconds);
          }

          function timeline(events, hidden) {
            var first = events.length ? moment(events[0].time) : 0;
            var length = events.length ? moment(events[events.length - 1].time) - first : 0;
            var list = el("ol", { class: "timeline" });
            events.forEach(function (one) {
              var fields = el("span", { class: "fields" }, el("b", {}, one.event.type || ""));
              Object.keys(one.event).forEach(function (name) {
                if (name === "type" || name === "time") { return; }
                fields.append(" ", el("span", { class: "field" }, el("i", {}, name),
                  el("code", {}, value(one.event[name]))));
              });
              var at = moment(one.time);
              list.append(el("li", {},
                el("time", {}, at ? clock(new Date(at).toISOString()) : ""),
                el("span", { class: "offset" }, "+" + offset((at - first) / 1000)),
                el("span", { class: "part" }, one.part), fields));
            });
            var strip = null;
            if (length > 0) {
              var line = svg("svg", { width: "100%", height: 14 },
                svg("line", { x1: 0, x2: "100%", y1: 7, y2: 7 }));
              events.forEach(function (one) {
                line.append(svg("circle", { cy: 7, r: 4,
                  cx: (100 * (moment(one.time) - first) / length) + "%" }));
              });
              strip = el("div", { class: "strip", "aria-hidden": "true" }, line);
            }
            return el("div", {}, strip, list,
              hidden > 0
                ? el("p", { class: "quiet" }, "and " + grouped(hidden) + " before") : null);
          }

          begin();
        })();
        """#
}
