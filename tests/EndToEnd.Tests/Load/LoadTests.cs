using System.Text.Json.Nodes;
using Bench.Load;
using EndToEnd.Tests.Access;
using Engine;
using Engine.Client;
using Engine.Protos.V1;
using Google.Protobuf;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Load;

/// <summary>The load generator: what is sent and counted. Times are only ever bounded from below.</summary>
public sealed class LoadTests
{
    private static readonly PreparedCall[] OneCall = [new(Rpc.Recommend, [1])];

    [Fact]
    public void A_mix_is_drawn_in_exactly_its_proportions()
    {
        var calls = CallMix.Parse("recommend=90, related=7,score=3").Draw(1_000, new Random(1));
        Assert.Equal(
            [("recommend", 900), ("related", 70), ("score", 30)],
            calls.CountBy(call => call.Name).Select(count => (count.Key, count.Value)).Order());
        Assert.NotEqual(calls.OrderBy(call => call.Name), calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("recommend")]
    [InlineData("recommend=0")]
    [InlineData("recommend=1,recommend=2")]
    [InlineData("purchase=1")]
    public void A_mix_that_cannot_be_read_says_what_is_expected(string text)
    {
        var error = Assert.Throws<InputException>(() => CallMix.Parse(text));
        Assert.Contains("expected NAME=WEIGHT", error.Message, StringComparison.Ordinal);
        Assert.Contains("recommend, basket, related, score, explain", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_the_client_an_answer_that_goes_back_to_an_older_snapshot_is_counted()
    {
        await using var engine = await RunningEngine.Start();
        var address = engine.GrpcAddress.GetLeftPart(UriPartial.Authority);
        using var target = new ClientTarget(
            new EngineClient(new EngineClientOptions { Addresses = [address] }),
            new GrpcTarget(new LoadConnection(engine.GrpcAddress, 1, TimeSpan.FromSeconds(30)), TimeProvider.System));
        var (one, two) = (CallOf("user-1é"), CallOf("user-2é"));
        Assert.Equal(Outcome.Ok, (await target.Send(0, one)).Status);
        await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        Assert.Equal(Outcome.Ok, (await target.Send(0, one)).Status);
        await engine.Snapshots.RollbackAsync(new RollbackSnapshotRequest());
        Assert.Equal(ClientTarget.Older, (await target.Send(0, one)).Status);

        // A user who had none of the newer one loses nothing.
        Assert.Equal(Outcome.Ok, (await target.Send(0, two)).Status);
        Assert.Equal("NotFound", (await target.Send(0, CallOf("nobody"))).Status);
        Assert.Equal(Outcome.Ok, (await target.Send(0, new PreparedCall(Rpc.Empty, []))).Status);

        PreparedCall CallOf(string user) =>
            new(Rpc.Recommend, target.Encode(new RecommendRequest { UserId = user }));
    }

    [Fact]
    public async Task Open_loop_counts_the_waiting_of_calls_that_a_slow_call_delays()
    {
        // 50 calls are due within half a second; one at a time, 20 ms each, they need a second.
        using var target = new FakeTarget(_ => Task.Delay(20));
        var recording = new Recording();
        var slice = new Slice(target, OneCall, TimeSpan.FromSeconds(.5)) { Grace = TimeSpan.FromMinutes(2) };
        await slice.Open(100, 1, recording, CancellationToken.None);
        Assert.Equal((50, 50, 0), (target.Sent, recording.Succeeded, recording.Unsent));
        Assert.Equal(50, recording.All().TotalCount);
        Assert.True(recording.All().GetValueAtPercentile(100) > 400e6);
        Assert.True(recording.Late.GetValueAtPercentile(100) > 380e6);
    }

    [Fact]
    public async Task Open_loop_ends_when_the_engine_hangs_and_counts_what_was_not_sent()
    {
        var hang = new TaskCompletionSource();
        using var target = new FakeTarget(_ => hang.Task);
        var recording = new Recording();
        var slice = new Slice(target, OneCall, TimeSpan.FromSeconds(.1)) { Grace = TimeSpan.FromSeconds(.1) };
        var running = slice.Open(100, 2, recording, CancellationToken.None);
        while (recording.Unsent == 0)
        {
            await Task.Delay(10);
        }

        hang.SetResult();
        await running;
        Assert.Equal((2, 2, 8), (target.Sent, recording.Succeeded, recording.Unsent));
    }

    [Fact]
    public async Task Closed_loop_has_as_many_calls_open_as_lanes()
    {
        const int Lanes = 6;
        var (open, isBeyond) = (0, false);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        using var target = new FakeTarget(async sent =>
        {
            var now = Interlocked.Increment(ref open);
            if (now > Lanes)
            {
                isBeyond = true;
            }
            else if (now == Lanes)
            {
                all.TrySetResult();
            }

            await all.Task;
            Interlocked.Decrement(ref open);
            if (sent == 10 * Lanes)
            {
                await stop.CancelAsync();
            }
        });
        var recording = new Recording();

        // It ends when every lane has had a call open, however late a busy machine begins the last one.
        var closed = new Slice(target, OneCall, TimeSpan.FromHours(1)).Closed(Lanes, recording, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closed.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.False(isBeyond);
        Assert.Equal(target.Sent, recording.Succeeded);
    }

    [Fact]
    public void Refused_calls_are_counted_and_only_answers_and_timeouts_have_a_latency()
    {
        var recording = new Recording();
        recording.Add("recommend", new(Outcome.Ok, 7), 0, 0, 1_000);
        recording.Add("recommend", new(Outcome.TimedOut, 0), 0, 0, 1_000);
        recording.Add("recommend", new("Unavailable", 0), 0, 0, 1_000);
        Assert.Equal((1, 7, 2), (recording.Succeeded, recording.Bytes, recording.All().TotalCount));
        Assert.Equal(
            [("Unavailable", 1), (Outcome.TimedOut, 1)],
            recording.Errors.Select(error => (error.Key, error.Value)).Order());
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task A_running_engine_answers_every_call_also_beside_swaps(string protocol)
    {
        var key = "";
        await using var engine = await RunningEngine.Start(configure: Keys.With(root =>
            key = Keys.Add(root, "load", ["read", "audience", "admin"])));
        var first = engine.Directory.ReadCurrent()!;
        var second = await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("key"), key + "\n");
        var target = protocol == "grpc" ? engine.GrpcAddress : engine.Http.BaseAddress!;
        var output = await Run(
            "load", "--target", $"{target}", "--protocol", protocol, "--rate", "100", "--connections", "2",
            "--mix", "recommend=5,basket=2,related=1,score=1,explain=1", "--duration", "3", "--rounds", "2",
            "--warm-up", "0.2", "--swap", first, second, "--key-file", folder.File("key"),
            "--out", folder.File("result.json"));
        Assert.True(output.ExitCode == 0, output.Error + output.Output);
        var result = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("result.json")))!;
        Assert.Equal((2, "open", true), ((int)result["swaps"]!, (string)result["loop"]!, (bool)result["clean"]!));
        foreach (var kind in (string[])["empty", "mix", "mix beside"])
        {
            Assert.Equal(100, (long)result["slices"]![kind]!["succeeded"]!);
            Assert.Equal(100, (long)result["slices"]![kind]!["latency_us"]!["count"]!);
        }

        Assert.Equal(5, result["slices"]!["mix"]!["latency_us_by_call"]!.AsObject().Count);
        Assert.Equal(
            ["mix / empty, p50", "mix / empty, p99", "mix beside / mix, p50", "mix beside / mix, p99"],
            result["ratios"]!.AsArray().Select(ratio => $"{ratio!["of"]} / {ratio["to"]}, {ratio["figure"]}"));
        Assert.Equal(second, engine.Directory.ReadCurrent());
        Assert.DoesNotContain(key, output.Output + result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_end_with_their_exit_code_and_say_what_to_do()
    {
        var wrong = await Run("load", "--rate", "-1");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--rate: found -1; expected 0 to 1000000", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Run("load", "--swap", "A", "--task")).ExitCode);
        Assert.Equal(2, (await Run("load", "--target", "engine:50051")).ExitCode);
        Assert.Equal(2, (await Run("load", "--rounds", "many")).ExitCode);
        var nobody = await Run("load", "--target", "http://127.0.0.1:1");
        Assert.Equal(1, nobody.ExitCode);
        Assert.StartsWith("error: ", nobody.Error, StringComparison.Ordinal);
    }

    private static Task<ProgramOutput> Run(params string[] arguments) =>
        ProgramOutput.Of("dotnet", [ProgramOutput.Built("Bench"), .. arguments]);

    private sealed class FakeTarget(Func<int, Task> answer) : ILoadTarget
    {
        private int _sent;

        public int Sent => _sent;

        public byte[] Encode(IMessage request) => request.ToByteArray();

        public async ValueTask<Outcome> Send(int lane, PreparedCall call)
        {
            await answer(Interlocked.Increment(ref _sent));
            return new(Outcome.Ok, 1);
        }

        public Task<TReply> Ask<TReply>(Rpc rpc, IMessage request, CancellationToken stop)
            where TReply : IMessage<TReply>, new() => Task.FromResult(new TReply());

        public void Dispose()
        {
        }
    }
}
