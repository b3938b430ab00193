using System.CommandLine;
using Bench.Attacks;
using BenchmarkDotNet.Running;

namespace Bench;

/// <summary>One verb per runner; the verb <c>micro</c> passes its arguments on to BenchmarkDotNet.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var micro = new Argument<string[]>("arguments")
        {
            Description = "BenchmarkDotNet's own, for example --filter '*'",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var kernels = new Command("micro", "Run the BenchmarkDotNet benchmarks of the kernels") { micro };
        kernels.TreatUnmatchedTokensAsErrors = false;
        kernels.SetAction(_ => { BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args[1..]); });
        return new RootCommand(
            "Benchmarks. Every figure is printed beside a limit of the machine, measured in the same process.")
        {
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
            AttackCommand.Create(),
            AllocateBench.Create(),
            kernels,
        }.Parse(args).Invoke();
    }
}
