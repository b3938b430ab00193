using System.Text.RegularExpressions;
using Tests.Shared;

namespace Engine.Tests.Architecture;

/// <summary>The contract is a document first: read as text, because compiled descriptors carry no comments.</summary>
public sealed partial class ContractTests
{
    public static TheoryData<string> Files { get; } =
        [.. Directory
            .EnumerateFiles(Path.Combine(TestData.Root, "protos"), "*.proto", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(TestData.Root, path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_field_call_and_service_has_a_comment(string file)
    {
        var bare = new List<string>();
        var commented = false;
        foreach (var line in File.ReadLines(Path.Combine(TestData.Root, file)).Select(line => line.Trim()))
        {
            if (!commented && Documented().IsMatch(line))
            {
                bare.Add(line);
            }

            commented = line.StartsWith("//", StringComparison.Ordinal);
        }

        Assert.Empty(bare);
    }

    [GeneratedRegex(@"^(service|rpc) |^(repeated |optional )?[\w.]+ \w+ = \d+;")]
    private static partial Regex Documented();
}
