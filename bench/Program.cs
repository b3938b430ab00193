using System.CommandLine;
using BenchmarkDotNet.Running;

namespace Bench;

/// <summary>Runners by verb; without one of them, BenchmarkDotNet takes the arguments (try: --filter '*').</summary>
internal static class Program
{
    private static readonly Command[] Verbs =
    [
        SearchBench.Create(),
        BatchBench.Create(),
        ReverseBench.Create(),
        FoldInBench.Create(),
        OpenBench.Create(),
        FactorsCommand.Create(),
        ReplicateCommand.Create(),
        SnapshotCommand.Create(),
        DatasetCommand.Create(),
        SourceBench.Create(),
        AlsBench.Create(),
        RowSolveBench.Create(),
        SimilarityBench.Create(),
        RidgeBench.Create(),
        GrowCommand.Create(),
        TimingBench.Create(),
        ChannelsBench.Create(),
    ];

    private static int Main(string[] args)
    {
        if (args.Length == 0 || !Array.Exists(Verbs, verb => verb.Name == args[0]))
        {
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
            return 0;
        }

        var root = new RootCommand("Benchmarks on raw factor files; every figure beside a limit measured in the same process");
        foreach (var verb in Verbs)
        {
            root.Subcommands.Add(verb);
        }

        return root.Parse(args).Invoke();
    }
}
