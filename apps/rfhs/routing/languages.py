"""Names of programming languages, as Pygments' lexers call them.

Taken from the lexers of Pygments 2.21, without what is no programming language (formats, markup, configuration,
consoles, templates), and with the well-known ones it has no lexer for. tests/rfhs/test_words.py names those.
"""

from __future__ import annotations


def _names(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in listed.split(","))


# Nobody means anything else by these, in whatever case.
PLAIN = _names("""
    ABAP, ActionScript, Agda, AmbientTalk, ANTLR, APL, AppleScript, Arturo, AspectJ, AutoHotkey, AutoIt, AWK, Bash,
    Batchfile, Befunge, BlitzBasic, BlitzMax, Brainfuck, C#, C++, C/C++, Ceylon, ChaiScript, Clojure, ClojureScript,
    COBOL, CodeQL, CoffeeScript, ColdFusion, COMAL, Common Lisp, Component Pascal, Cryptol, csh, CUDA, Cypher, Cython,
    Delphi, Easytrieve, Elixir, Emacs Lisp, Erlang, F#, F*, FloScript, Fortran, FoxPro, Free Pascal, Futhark, GDScript,
    Gherkin, GLSL, Gnuplot, Golang, Gosu, Haskell, Haxe, HLSL, Idris, Inform 6, Inform 7, Ioke, Java, JavaScript, JCL,
    JMESPath, Jsonnet, JSX, Kotlin, LabVIEW, LilyPond, Lisp, LiveScript, LLVM, Logtalk, Lua, Luau, Macaulay2,
    Mathematica, MATLAB, Maxima, MiniScript, Modelica, Modula-2, Modula-3, MoonScript, NASM, Nemerle, nesC, NewLisp,
    Nimrod, Node.js, NSIS, Oberon, Objective-C, Objective-C++, Objective-J, OCaml, OpenCL, OpenEdge ABL, OpenSCAD,
    ParaSail, Pascal, PDDL, Perl, PHP, PL/I, PL/pgSQL, PL/SQL, PostScript, PowerShell, Praat, Prolog, Promela,
    PureScript, Pyret, Python, QBasic, QML, Raku, ReasonML, REBOL, Rego, REXX, RobotFramework, Ruby, Scala, Scilab,
    Simula, Smali, Smalltalk, SNOBOL, Solidity, SourcePawn, SPARK Ada, SPARQL, SPSS, Standard ML, Starlark, Stata,
    SuperCollider, SystemVerilog, T-SQL, TableGen, Tcl, Transact-SQL, TSX, TypeScript, Typst, UrbiScript, Vala, VB.NET,
    VBA, VBScript, Verilog, VHDL, VimL, Vimscript, Visual Basic, Visual Prolog, Vyper, WebAssembly, WGSL, Whiley, Wren,
    XQuery, XSLT, Xtend, xtlang, YARA, Zeek, Zephir, Zig
""")
# These are words, letters or abbreviations as well: only where written so, and standing alone.
WRITTEN_SO = _names("""
    Ada, Alloy, AMPL, Arrow, Augeas, Ballerina, BASIC, Berry, Boa, Boo, Boogie, C, Carbon, Chapel, Cheetah, Clay, Clean,
    Croc, Crystal, D, Dart, ECL, Eiffel, Elm, Elpi, Factor, Fancy, Fantom, Fennel, Fish, Forth, GAP, Gleam, Go, Golo,
    Groovy, Hack, Hare, Icon, Igor, Io, J, JAGS, Julia, K, Koka, Lean, Limbo, Logos, Maple, Mason, Mercury, MIPS, Mojo,
    Monkey, Mosel, Newspeak, Nim, Nix, Octave, Odin, Opa, Pan, Pawn, Pig, Pike, Pony, Processing, Q, R, Racket, Reason,
    Red, RPG, Rust, S, SARL, SAS, Scheme, Scratch, Self, Shen, Slash, SML, Snowball, SQL, Squirrel, Swift, Turing,
    Unicon, V, Whirl, X10
""")
