using Engine.Tests.Checking;
using Engine.Tests.Kernels;

namespace Engine.Tests;

/// <summary>
/// The test assembly as a program: prints what a probe computes, so that a test can run it again with instruction sets
/// switched off (see <see cref="InstructionSets"/>) and compare. Nobody else calls it.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<string>> Probes = new(StringComparer.Ordinal)
    {
        ["dot-product"] = DotProductProbe.Run,
        ["row-solver"] = RowSolverProbe.Run,
        ["plain-top-k"] = PlainTopKProbe.Run,
        ["top-k-index"] = TopKIndexProbe.Run,
        ["known-answers"] = KnownAnswersProbe.Run,
    };

    /// <summary>Runs one probe in this process.</summary>
    public static string Run(string probe) => Probes[probe]();

    private static int Main(string[] args)
    {
        if (args.Length != 2 || args[0] != "probe" || !Probes.ContainsKey(args[1]))
        {
            Console.Error.WriteLine($"expected: probe {string.Join('|', Probes.Keys)}; to run the tests: dotnet test");
            return 1;
        }

        Console.WriteLine(InstructionSets.Describe());
        Console.WriteLine(Run(args[1]));
        return 0;
    }
}
