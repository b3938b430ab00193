using System.CommandLine;
using System.CommandLine.Invocation;
using Bench.Attacks;
using Bench.Load;
using BenchmarkDotNet.Running;
using Engine;

namespace Bench;

/// <summary>One verb per runner; the verb <c>micro</c> passes its arguments on to BenchmarkDotNet.</summary>
internal static class Program
{
    private const int WrongUsage = 2;
    private const int Interrupted = 128 + 2;

    private static async Task<int> Main(string[] args)
    {
        var micro = new Argument<string[]>("arguments")
        {
            Description = "BenchmarkDotNet's own, for example --filter '*'",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var kernels = new Command("micro", "Run the BenchmarkDotNet benchmarks of the kernels") { micro };
        kernels.TreatUnmatchedTokensAsErrors = false;
        kernels.SetAction(_ => { BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args[1..]); });
        var parsed = new RootCommand(
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
            LoadCommand.Create(),
            EventsBench.Create(),
            PlacementsBench.Create(),
            kernels,
        }.Parse(args);
        try
        {
            var code = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                });
            return parsed.Action is ParseErrorAction ? WrongUsage : code;
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            await Console.Error.WriteLineAsync($"error: {MachineFault.Sentence(e)}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("stopped before the end");
            return Interrupted;
        }
    }
}
