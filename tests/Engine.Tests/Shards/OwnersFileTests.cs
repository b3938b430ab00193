using Engine.Server.Shards;
using Engine.Snapshots.Manifest;
using Tests.Shared;

namespace Engine.Tests.Shards;

public class OwnersFileTests
{
    [Fact]
    public void Owners_of_buckets_are_those_that_serve_all_of_them_in_turn()
    {
        var owners = Read("""
            {"engines": [
              {"address": "http://10.0.0.1:50051", "buckets": "0-511"},
              {"address": "http://10.0.0.2:50051", "buckets": "512-1023"},
              {"address": "https://10.0.0.3:50051", "buckets": "0-511"}]}
            """);
        var first = owners.Of(new BucketRange(0, 511));
        var second = owners.Of(new BucketRange(0, 511));
        Assert.Equal(2, first.Count);
        Assert.Equal(first.Reverse(), second);
        Assert.Equal([new Uri("http://10.0.0.2:50051")], owners.Of(new BucketRange(600, 700)));
        Assert.Empty(owners.Of(new BucketRange(500, 600)));
    }

    [Fact]
    public void Owners_of_each_shard_take_turns_when_all_shards_are_asked_together()
    {
        var owners = Read("""
            {"engines": [
              {"address": "http://10.0.0.1:50051", "buckets": "0-511"},
              {"address": "http://10.0.0.2:50051", "buckets": "0-511"},
              {"address": "http://10.0.0.3:50051", "buckets": "512-1023"},
              {"address": "http://10.0.0.4:50051", "buckets": "512-1023"}]}
            """);
        var asked = Enumerable.Range(0, 4)
            .SelectMany(_ => (Uri[])[owners.Of(new BucketRange(0, 511))[0], owners.Of(new BucketRange(512, 1023))[0]]);
        Assert.All(asked.CountBy(owner => owner), owner => Assert.Equal(2, owner.Value));
        Assert.Equal(4, asked.Distinct().Count());
    }

    [Theory]
    [InlineData("""{"engines": [{"address": "http://a:1", "buckets": "0-1022"}]}""", "bucket 1023 has no owner")]
    [InlineData("""{"engines": [{"address": "a:1", "buckets": "0-1023"}]}""", "found address 'a:1'")]
    [InlineData("""{"engines": [{"address": "http://a:1", "buckets": "0-1024"}]}""", "found buckets '0-1024'")]
    [InlineData("""{"engines": [{"address": "http://a:1"}]}""", "buckets")]
    [InlineData("""{"nodes": []}""", "nodes")]
    [InlineData("[", "Expected {")]
    public void A_wrong_file_is_refused_by_what_is_wrong(string text, string found) => Assert.Contains(
        found, Assert.Throws<InputException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static OwnersFile Read(string text)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("owners.json");
        File.WriteAllText(path, text);
        return OwnersFile.Read(path);
    }
}
