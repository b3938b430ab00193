namespace Bench.Load;

/// <summary>One call of the engine, by both of its protocols.</summary>
/// <param name="Name">Its name in a mix and in results.</param>
/// <param name="Service">The gRPC service.</param>
/// <param name="Method">The gRPC method.</param>
/// <param name="Route">The HTTP path; a body is posted as JSON, without one it is a GET.</param>
internal sealed record Rpc(string Name, string Service, string Method, string Route)
{
    /// <summary>The smallest call that the server answers: what gRPC or HTTP itself costs.</summary>
    public static readonly Rpc Empty = new("empty", "grpc.health.v1.Health", "Check", "/health");

    /// <summary>The top products of a user.</summary>
    public static readonly Rpc Recommend = new("recommend", Questions, "Recommend", "/v1/recommend");

    /// <summary>The top products of a basket of three products, without a stored user.</summary>
    public static readonly Rpc Basket = Recommend with { Name = "basket" };

    /// <summary>The products that go with a product.</summary>
    public static readonly Rpc Related = new("related", Questions, "RelatedProducts", "/v1/related-products");

    /// <summary>The scores of a user for three products.</summary>
    public static readonly Rpc Score = new("score", Questions, "Score", "/v1/score");

    /// <summary>The terms of one score.</summary>
    public static readonly Rpc Explain = new("explain", Questions, "Explain", "/v1/explain");

    /// <summary>The users for a product: the server's list of users.</summary>
    public static readonly Rpc RankUsers = new("rank-users", Questions, "RankUsers", "/v1/rank-users");

    /// <summary>Activates a snapshot.</summary>
    public static readonly Rpc Activate = new(
        "activate", "engine.v1.Snapshots", "Activate", "/v1/snapshots:activate");

    /// <summary>Creates a task.</summary>
    public static readonly Rpc CreateTask = new("create-task", "engine.v1.Tasks", "Create", "/v1/tasks");

    /// <summary>Sends events.</summary>
    public static readonly Rpc PutEvents = new("put-events", "engine.v1.Events", "Put", "/v1/events");

    /// <summary>What a mix may hold.</summary>
    public static readonly IReadOnlyList<Rpc> Mixable = [Recommend, Basket, Related, Score, Explain];

    private const string Questions = "engine.v1.Recommender";

    /// <summary>Cancels a task.</summary>
    public static Rpc CancelTask(string id) =>
        new("cancel-task", "engine.v1.Tasks", "Cancel", $"/v1/tasks/{id}:cancel");
}
