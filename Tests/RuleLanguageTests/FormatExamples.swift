// SPDX-License-Identifier: Apache-2.0

import Testing

/// Texts beside the layout they get.
enum FormatExamples {
    struct Example: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var layout: String
        var testDescription: String { name }
    }

    static let all = blocks + statements + comments + signs

    private static let blocks: [Example] = [
        Example(name: "nothing", text: "\n \n", layout: ""),
        Example(
            name: "clauses stand one a line",
            text: "rule r{by user when within 1m{2 login as l} alert\"{user}\"}",
            layout: """
                rule r {
                  by user
                  when within 1m { 2 login as l }
                  alert "{user}"
                }

                """),
        Example(
            name: "one step a line",
            text: "rule r { when { a then next b but no c where x==1 } }",
            layout: """
                rule r {
                  when {
                    a
                    then next b
                    but no c where x == 1
                  }
                }

                """),
        Example(
            name: "branches",
            text: """
                rule r { when { any of { a, b then c } within 5m
                  then all of {
                    d, e then f
                    g
                      then h }
                  then 2 times in 5m { i then j }
                } }
                """,
            layout: """
                rule r {
                  when {
                    any of { a, b then c } within 5m
                    then all of {
                      d,
                      e then f,
                      g
                        then h,
                    }
                    then 2 times in 5m {
                      i
                      then j
                    }
                  }
                }

                """),
        Example(
            name: "declarations",
            text: """
                event  a {x:int ?,  y :"p"|"q" = lower ( z )}
                event b from a,c where x>1{
                 x : int, y: [ string ] }
                let limit=10
                table t=["a",  "b",]
                table u from "u.csv" key k
                table v=[{k:1,a:"x"}
                {k:2},]key k
                rule r { when { a } }
                test r{case "c"{at 0s a{x:1} expect none}}
                """,
            layout: """
                event a { x: int?, y: "p" | "q" = lower(z) }

                event b from a, c where x > 1 {
                  x: int
                  y: [string]
                }

                let limit = 10
                table t = ["a", "b"]
                table u from "u.csv" key k

                table v = [
                  { k: 1, a: "x" },
                  { k: 2 },
                ] key k

                rule r {
                  when { a }
                }

                test r {
                  case "c" {
                    at 0s a { x: 1 }
                    expect none
                  }
                }

                """),
        Example(
            name: "fields that are too long for a line",
            text: """
                test r { case "c" {
                  at 0s a { first_field: "0123456789", second_field: "0123456789", third_field: "0123456789", fourth: 1 } arriving 5s
                  given t [ {k: 1, v: 2} {k: 2, v: 3},
                    {k: 3} ]
                  given u ["a", "b"] } }
                """,
            layout: """
                test r {
                  case "c" {
                    at 0s a {
                      first_field: "0123456789", second_field: "0123456789", third_field: "0123456789", fourth: 1
                    } arriving 5s
                    given t [
                      { k: 1, v: 2 },
                      { k: 2, v: 3 },
                      { k: 3 },
                    ]
                    given u ["a", "b"]
                  }
                }

                """),
    ]

    private static let statements: [Example] = [
        Example(
            name: "breaks before words that go on are kept, others are not",
            text: """
                rule r { when { a
                   where x == 1
                     and y in [1,
                       2]
                 then no b
                  for 5m }
                  having 1 >
                    2 }
                """,
            layout: """
                rule r {
                  when {
                    a
                      where x == 1
                      and y in [1, 2]
                    then no b
                      for 5m
                  }
                  having 1 > 2
                }

                """),
        Example(
            name: "long conditions go on at the loosest joint",
            text: """
                rule r { when { a as first where aaaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbbbbbbb == 2 or cccccccccccccccccccccc == 3 } }
                """,
            layout: """
                rule r {
                  when {
                    a as first
                      where aaaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbbbbbbb == 2
                      or cccccccccccccccccccccc == 3
                  }
                }

                """),
        Example(
            name: "long lists go on behind commas",
            text: """
                rule r { when { a where x in ["aaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccc", "dddddddd"] } }
                """,
            layout: """
                rule r {
                  when {
                    a
                      where x in ["aaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb",
                        "cccccccccccccccccccccccc", "dddddddd"]
                  }
                }

                """),
    ]

    private static let comments: [Example] = [
        Example(
            name: "comments stay where they belong",
            text: """
                // licence

                // about a
                event a { x: int }     // behind a
                rule r {// opens


                  // about by
                  by x   // the key

                  when {
                    a // first
                    // second
                    then b where y == 1 // why
                      and z == 2

                    // last
                  }
                }
                // the end
                """,
            layout: """
                // licence

                // about a
                event a { x: int }  // behind a

                rule r {  // opens
                  // about by
                  by x  // the key

                  when {
                    a  // first
                    // second
                    then b where y == 1  // why
                      and z == 2

                    // last
                  }
                }
                // the end

                """),
        Example(
            name: "comments inside expressions and before commas",
            text: """
                let a = [1, // one
                  2 // two
                  , 3]
                rule r { when { any of { a // a
                  , b } } }
                event e { x: int // x
                  , y: int }
                """,
            layout: """
                let a = [1,  // one
                    2  // two
                    , 3]

                rule r {
                  when {
                    any of {
                      a,  // a
                      b,
                    }
                  }
                }

                event e {
                  x: int  // x
                  y: int
                }

                """),
    ]

    private static let signs: [Example] = [
        Example(
            name: "signs and brackets",
            text: """
                rule r { by a . b=c, d
                  when { x where f ( 1 ) [ 0 ] .y > - 5 - -5 and - z<-z*( 2+1 ) and not (p) and t [k].v in [ ::1 ]
                   then x by (a,b) where `odd name`~like"a" and q between 1 and 2 and w is missing }
                  skip to  first y
                  suppress 5m per a,b }
                """,
            layout: """
                rule r {
                  by a.b = c, d
                  when {
                    x where f(1)[0].y > - 5 - -5 and -z < -z * (2 + 1) and not (p) and t[k].v in [::1]
                    then x by (a, b) where `odd name` ~like "a" and q between 1 and 2 and w is missing
                  }
                  skip to first y
                  suppress 5m per a, b
                }

                """),
        Example(
            name: "texts over several lines stay as they are",
            text: "let a = \"\"\"\n  x\n\n\n  y  \n\"\"\"\nlet b=1",
            layout: "let a = \"\"\"\n  x\n\n\n  y  \n\"\"\"\nlet b = 1\n"),
    ]
}
